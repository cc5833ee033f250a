-- Forgets one user who has been in the trash long enough; how many they were.  $1 days
SELECT cabinet.purge_deleted_users($1::integer, 1)
