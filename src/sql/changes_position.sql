-- Where the change feed stands: the server's identifier, below which transaction all have ended, which are still to
-- come, and the time.
SELECT s.system_identifier, pg_snapshot_xmin(pg_current_snapshot()), pg_snapshot_xmax(pg_current_snapshot()),
       extract(epoch FROM now())::bigint
  FROM pg_control_system() AS s
