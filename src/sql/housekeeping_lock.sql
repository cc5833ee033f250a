-- Whether this connection is now the one that keeps house; the lock lives as long as the connection.
SELECT pg_catalog.pg_try_advisory_lock(x'63616269'::int, x'6e657401'::int)
