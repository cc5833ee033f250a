-- Indexes that no constraint owns.
SELECT 'pg_class'::regclass::oid AS class, i.oid AS object, 0 AS sub,
    'pg_class'::regclass::oid AS parent_class, c.oid AS parent_object, 0 AS parent_sub,
    format('%I.%I', n.nspname, i.relname) AS ident, quote_ident(i.relname) AS name, i.relname AS bare,
    format('%I.%I', n.nspname, c.relname) AS "table", i.relkind AS kind, c.relkind AS relkind,
    pg_get_indexdef(i.oid) AS definition, x.indisvalid OR i.relkind = 'I' AS valid, quote_ident(s.spcname) AS tablespace,
    x.indisunique AS is_unique,
    (SELECT string_agg(a.attnum || ' ' || a.attstattarget, E'\n' ORDER BY a.attnum) FROM pg_attribute a
     WHERE a.attrelid = i.oid AND a.attstattarget >= 0) AS statistics
FROM pg_index x
    JOIN pg_class i ON i.oid = x.indexrelid
    JOIN pg_class c ON c.oid = x.indrelid
    JOIN pg_namespace n ON n.oid = i.relnamespace
    LEFT JOIN pg_tablespace s ON s.oid = i.reltablespace
WHERE c.relkind IN ('r', 'p', 'm') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
    AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = i.oid AND k.contype IN ('p', 'u', 'x'))
