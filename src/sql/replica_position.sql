-- Where the log of the primary is now, after the caller's commit.  Takes no values.
SELECT pg_catalog.pg_current_wal_insert_lsn()
