-- What changes with any change of what a catalog holds: a hash of the system rows' writers.  Cheap; not portable
-- between databases.  Second column: whether cabinet.catalog_state can be read.
SELECT pg_catalog.md5(COALESCE(pg_catalog.string_agg(r.line, ',' ORDER BY r.line), '')),
    COALESCE(pg_catalog.has_table_privilege(pg_catalog.to_regclass('cabinet.catalog_state'), 'SELECT'), false)
FROM (
    WITH relation AS MATERIALIZED (
        SELECT c.oid, c.xmin
        FROM pg_catalog.pg_class c
        JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind IN ('r', 'p', 'v', 'm')
            AND NOT c.relispartition
            AND n.nspname !~ '^pg_'
            AND n.nspname <> 'information_schema'
    )
    SELECT 'r' || c.oid || ' ' || c.xmin AS line
    FROM relation c
    UNION ALL
    SELECT 'a' || a.attrelid || ' ' || a.attnum || ' ' || a.xmin
    FROM pg_catalog.pg_attribute a
    JOIN relation c ON c.oid = a.attrelid
    WHERE a.attnum > 0
    UNION ALL
    SELECT 'd' || d.classoid || ' ' || d.objoid || ' ' || d.objsubid || ' ' || d.xmin
    FROM pg_catalog.pg_description d
    JOIN relation c ON c.oid = d.objoid
    WHERE d.classoid = 'pg_catalog.pg_class'::pg_catalog.regclass
    UNION ALL
    SELECT 'd' || o.oid || ' ' || d.xmin
    FROM pg_catalog.pg_constraint o
    JOIN pg_catalog.pg_description d
        ON d.objoid = o.oid AND d.classoid = 'pg_catalog.pg_constraint'::pg_catalog.regclass
    UNION ALL
    SELECT 'c' || o.oid || ' ' || o.xmin
    FROM pg_catalog.pg_constraint o
    WHERE o.conparentid = 0 AND (o.contypid <> 0 OR o.conrelid IN (SELECT c.oid FROM relation c))
    UNION ALL
    SELECT 'i' || i.indexrelid || ' ' || i.xmin
    FROM pg_catalog.pg_index i
    JOIN relation c ON c.oid = i.indrelid
    UNION ALL
    SELECT 'g' || g.oid || ' ' || g.xmin
    FROM pg_catalog.pg_trigger g
    JOIN relation c ON c.oid = g.tgrelid
    WHERE NOT g.tgisinternal
    UNION ALL
    SELECT 'w' || w.oid || ' ' || w.xmin
    FROM pg_catalog.pg_rewrite w
    JOIN relation c ON c.oid = w.ev_class
    UNION ALL
    SELECT 'e' || e.oid || ' ' || e.xmin
    FROM pg_catalog.pg_enum e
    UNION ALL
    SELECT 't' || t.oid || ' ' || t.xmin
    FROM pg_catalog.pg_type t
    WHERE t.typtype = 'd' AND t.typnamespace <> 'information_schema'::pg_catalog.regnamespace
) r
