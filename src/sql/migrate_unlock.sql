-- Gives the lock of runners back.
SELECT pg_advisory_unlock(1128350281, 1) AS got
