-- Column defaults, those of views too; generated columns have none of their own.
SELECT 'pg_attrdef'::regclass::oid AS class, d.oid AS object, 0 AS sub,
    'pg_class'::regclass::oid AS parent_class, c.oid AS parent_object, a.attnum AS parent_sub,
    format('%I.%I.%I', n.nspname, c.relname, a.attname) AS ident, format('%I.%I', n.nspname, c.relname) AS "table",
    quote_ident(a.attname) AS name, c.relkind AS relkind, pg_get_expr(d.adbin, d.adrelid) AS expression
FROM pg_attrdef d
    JOIN pg_attribute a ON a.attrelid = d.adrelid AND a.attnum = d.adnum
    JOIN pg_class c ON c.oid = d.adrelid
    JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE a.attgenerated = '' AND NOT a.attisdropped AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
