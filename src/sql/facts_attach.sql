-- A partition's place in its table.
SELECT 0 AS class, 0 AS object, 0 AS sub, 'pg_class'::regclass::oid AS parent_class, c.oid AS parent_object,
    0 AS parent_sub, 'pg_class'::regclass::oid AS on_class, p.oid AS on_object, 0 AS on_sub,
    format('%I.%I', n.nspname, c.relname) AS ident, format('%I.%I', pn.nspname, p.relname) AS parent,
    pg_get_expr(c.relpartbound, c.oid) AS bound
FROM pg_inherits i
    JOIN pg_class c ON c.oid = i.inhrelid
    JOIN pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_class p ON p.oid = i.inhparent
    JOIN pg_namespace pn ON pn.oid = p.relnamespace
WHERE c.relkind IN ('r', 'f', 'p') AND c.relispartition AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
