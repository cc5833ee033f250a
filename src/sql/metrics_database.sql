-- Figures of this database and its server: metric, type, help, label name, label value, figure.  Takes no values.
WITH d AS (
    SELECT s.numbackends, s.xact_commit, s.xact_rollback, s.blks_read, s.blks_hit, s.tup_returned, s.tup_fetched,
           s.tup_inserted, s.tup_updated, s.tup_deleted, s.conflicts, s.temp_bytes, s.deadlocks
      FROM pg_catalog.pg_stat_database AS s
     WHERE s.datname = current_database()
), m (metric, type, help, label, value, figure) AS (
    SELECT 'pg_stat_database_numbackends', 'gauge', 'Connections to this database.', NULL, NULL, d.numbackends::text
      FROM d
    UNION ALL
    SELECT 'pg_stat_database_transactions_total', 'counter', 'Transactions of this database by end.', 'end', v.label,
           v.figure::text
      FROM d, LATERAL (VALUES ('commit', d.xact_commit), ('rollback', d.xact_rollback)) AS v (label, figure)
    UNION ALL
    SELECT 'pg_stat_database_blocks_total', 'counter', 'Blocks found in the buffer cache, or read.', 'from', v.label,
           v.figure::text
      FROM d, LATERAL (VALUES ('cache', d.blks_hit), ('read', d.blks_read)) AS v (label, figure)
    UNION ALL
    SELECT 'pg_stat_database_rows_total', 'counter', 'Rows by what was done with them.', 'operation', v.label,
           v.figure::text
      FROM d, LATERAL (VALUES ('returned', d.tup_returned), ('fetched', d.tup_fetched), ('inserted', d.tup_inserted),
                              ('updated', d.tup_updated), ('deleted', d.tup_deleted)) AS v (label, figure)
    UNION ALL
    SELECT 'pg_stat_database_conflicts_total', 'counter', 'Queries cancelled by replay on a standby.', NULL, NULL,
           d.conflicts::text
      FROM d
    UNION ALL
    SELECT 'pg_stat_database_deadlocks_total', 'counter', 'Deadlocks found.', NULL, NULL, d.deadlocks::text
      FROM d
    UNION ALL
    SELECT 'pg_stat_database_temp_bytes_total', 'counter', 'Bytes written to temporary files.', NULL, NULL,
           d.temp_bytes::text
      FROM d
    UNION ALL
    SELECT 'pg_database_size_bytes', 'gauge', 'Size of this database.', NULL, NULL,
           pg_catalog.pg_database_size(current_database())::text
    UNION ALL
    SELECT 'pg_in_recovery', 'gauge', 'Whether the server is a standby (1) or not (0).', NULL, NULL,
           pg_catalog.pg_is_in_recovery()::integer::text
    UNION ALL
    SELECT 'pg_max_connections', 'gauge', 'Connections that the server allows.', NULL, NULL,
           pg_catalog.current_setting('max_connections')
)
SELECT m.metric, m.type, m.help, m.label, m.value, m.figure FROM m;
