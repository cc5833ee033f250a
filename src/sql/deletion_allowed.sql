-- Raises CB409 where the user is the last superuser who stays.  $1 user
SELECT cabinet.superuser_remains_without($1::bigint)
