-- Who holds up the process $1.
SELECT a.pid, a.application_name, a.usename, coalesce(a.state, '') AS state,
       extract(epoch FROM clock_timestamp() - a.xact_start)::bigint AS seconds
  FROM pg_stat_activity AS a
 WHERE a.pid = ANY (pg_blocking_pids($1::integer)) AND a.pid <> $1::integer
 ORDER BY a.xact_start LIMIT 1
