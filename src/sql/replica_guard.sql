-- Raises CB425 unless this server has replayed the log up to $1, or is no standby.
-- $1 position in the log (pg_lsn)
SELECT CASE WHEN pg_catalog.pg_is_in_recovery() AND pg_catalog.pg_last_wal_replay_lsn() < $1::pg_lsn
            THEN cabinet.replica_behind() END
