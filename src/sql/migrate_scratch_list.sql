-- Scratch databases that nobody uses and whose maker is gone, as far as the server knows.
SELECT d.datname FROM pg_database AS d
 WHERE d.datname LIKE 'cabinet\_scratch\_%' AND shobj_description(d.oid, 'pg_database') LIKE 'cabinet scratch %'
   AND NOT EXISTS (SELECT FROM pg_stat_activity AS a WHERE a.datname = d.datname)
   AND NOT EXISTS (SELECT FROM pg_stat_activity AS a
                    WHERE 'cabinet scratch ' || a.pid = shobj_description(d.oid, 'pg_database'))
   AND pg_has_role(d.datdba, 'USAGE')
 ORDER BY d.datname
