-- Who holds the lock of runners.
SELECT a.pid, a.application_name, a.usename, coalesce(host(a.client_addr), 'local') AS address,
       extract(epoch FROM clock_timestamp() - a.backend_start)::bigint AS seconds
  FROM pg_locks AS l JOIN pg_stat_activity AS a ON a.pid = l.pid
 WHERE l.locktype = 'advisory' AND l.classid = 1128350281 AND l.objid = 1 AND l.objsubid = 2 AND l.granted
   AND l.database = (SELECT d.oid FROM pg_database AS d WHERE d.datname = current_database())
 LIMIT 1
