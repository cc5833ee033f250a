-- Sequences; the column that owns one (serial 'a', identity 'i') takes it along.
SELECT 'pg_class'::regclass::oid AS class, c.oid AS object, 0 AS sub,
    d.refclassid AS parent_class, d.refobjid AS parent_object, d.refobjsubid AS parent_sub,
    format('%I.%I', n.nspname, c.relname) AS ident, quote_ident(c.relname) AS name,
    CASE WHEN d.refobjid IS NULL THEN quote_ident(pg_get_userbyid(c.relowner)) END AS owner, quote_ident(n.nspname) AS schema,
    CASE WHEN d.deptype = 'i' THEN 'identity' ELSE 'plain' END AS kind,
    c.relpersistence AS persistence, format_type(s.seqtypid, NULL) AS type, s.seqstart AS start,
    s.seqincrement AS increment, s.seqmin AS minimum, s.seqmax AS maximum, s.seqcache AS cache, s.seqcycle AS cycle
FROM pg_sequence s
    JOIN pg_class c ON c.oid = s.seqrelid
    JOIN pg_namespace n ON n.oid = c.relnamespace
    LEFT JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.objsubid = 0
        AND d.refclassid = 'pg_class'::regclass AND d.refobjsubid > 0 AND d.deptype IN ('a', 'i')
WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
