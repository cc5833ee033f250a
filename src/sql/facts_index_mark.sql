-- What a table says of one of its indexes: CLUSTER ON, REPLICA IDENTITY USING INDEX.
SELECT 0 AS class, 0 AS object, 0 AS sub, 'pg_class'::regclass::oid AS parent_class, i.oid AS parent_object,
    0 AS parent_sub, m.mark || ' ' || format('%I.%I', n.nspname, c.relname) AS ident, m.mark AS mark,
    format('%I.%I', n.nspname, c.relname) AS "table", c.relkind AS relkind, quote_ident(i.relname) AS index
FROM pg_index x
    JOIN pg_class i ON i.oid = x.indexrelid
    JOIN pg_class c ON c.oid = x.indrelid
    JOIN pg_namespace n ON n.oid = c.relnamespace
    CROSS JOIN LATERAL (SELECT 'cluster' AS mark WHERE x.indisclustered
        UNION ALL SELECT 'replica' WHERE x.indisreplident) m
WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
