-- The lock of runners, of this session, where it is free; and the session's process, which a pooler would not tell.
-- The numbers are "CABI" and 1.
SELECT pg_try_advisory_lock(1128350281, 1) AS got, pg_backend_pid() AS pid
