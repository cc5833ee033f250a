-- Deletes up to 100 accounts whose time of grace is over; how many they were.
SELECT cabinet.delete_due_users(100)
