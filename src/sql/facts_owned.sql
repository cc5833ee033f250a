-- OWNED BY of sequences, a fact of its own because it comes after the table, the sequence before it.
SELECT 0 AS class, 0 AS object, 0 AS sub, 'pg_class'::regclass::oid AS parent_class, c.oid AS parent_object,
    0 AS parent_sub, d.refclassid AS on_class, d.refobjid AS on_object, d.refobjsubid AS on_sub,
    format('%I.%I', n.nspname, c.relname) AS ident, format('%I.%I.%I', tn.nspname, t.relname, a.attname) AS owned_by
FROM pg_depend d
    JOIN pg_class c ON c.oid = d.objid
    JOIN pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_class t ON t.oid = d.refobjid
    JOIN pg_namespace tn ON tn.oid = t.relnamespace
    JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = d.refobjsubid
WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass AND d.objsubid = 0
    AND d.refobjsubid > 0 AND d.deptype = 'a' AND c.relkind = 'S' AND n.nspname !~ '^pg_'
