-- Functions in language sql with a quoted body, which are checked once everything they use is there.
SELECT p.oid::text AS oid, p.oid::regprocedure::text AS name
  FROM pg_proc AS p JOIN pg_language AS l ON l.oid = p.prolang
 WHERE l.lanname = 'sql' AND p.prosqlbody IS NULL
   AND p.pronamespace NOT IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)
   AND NOT EXISTS (SELECT FROM pg_depend AS d
                    WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')
 ORDER BY 2
