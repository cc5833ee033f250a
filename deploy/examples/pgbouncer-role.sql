-- What a connection of Cabinet sets for itself in its startup packet, as settings of the role: behind PgBouncer in
-- transaction mode there is no session to set them in.  Run as a superuser; the timeouts are those of
-- DB_STATEMENT_TIMEOUT, DB_LOCK_TIMEOUT, and the first plus 30 s.
ALTER ROLE cabinet_app SET search_path = public, pg_temp;
ALTER ROLE cabinet_app SET "TimeZone" = 'UTC';
ALTER ROLE cabinet_app SET "DateStyle" = 'ISO, MDY';
ALTER ROLE cabinet_app SET "IntervalStyle" = 'iso_8601';
ALTER ROLE cabinet_app SET bytea_output = 'hex';
ALTER ROLE cabinet_app SET extra_float_digits = 1;
ALTER ROLE cabinet_app SET jit = off;
ALTER ROLE cabinet_app SET statement_timeout = '30s';
ALTER ROLE cabinet_app SET lock_timeout = '10s';
ALTER ROLE cabinet_app SET idle_in_transaction_session_timeout = '60s';
