-- Raises CB409 where the transaction left no superuser who may sign in.
SELECT cabinet.superuser_remains()
