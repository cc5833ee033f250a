-- The lock of runners, of this session, where it is free.  The numbers are "CABI" and 1.
SELECT pg_try_advisory_lock(1128350281, 1) AS got
