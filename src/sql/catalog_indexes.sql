-- Valid indexes of user tables, a row for each key column.
SELECT i.indrelid, x.oid, x.relname, i.indisunique, i.indpred IS NOT NULL,
    EXISTS (SELECT FROM pg_catalog.pg_constraint o WHERE o.conindid = x.oid AND o.contype IN ('p', 'u', 'x')),
    EXISTS (SELECT FROM pg_catalog.pg_constraint o WHERE o.conindid = x.oid AND o.contype = 'f'),
    i.indkey[k.n - 1], pg_catalog.pg_get_indexdef(x.oid, k.n, true), p.opcname, m.amname,
    pg_catalog.pg_get_indexdef(x.oid), pg_catalog.obj_description(x.oid, 'pg_class')
FROM pg_catalog.pg_index i
JOIN pg_catalog.pg_class c ON c.oid = i.indrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_class x ON x.oid = i.indexrelid
JOIN pg_catalog.pg_am m ON m.oid = x.relam
CROSS JOIN LATERAL pg_catalog.generate_series(1, i.indnkeyatts::integer) AS k (n)
JOIN pg_catalog.pg_opclass p ON p.oid = i.indclass[k.n - 1]
WHERE i.indisvalid
    AND i.indislive
    AND NOT c.relispartition
    AND n.nspname !~ '^pg_'
    AND n.nspname <> 'information_schema'
ORDER BY i.indrelid, x.relname, k.n
