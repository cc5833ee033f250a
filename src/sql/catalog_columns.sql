-- Columns of user relations, with the type below each domain.
WITH RECURSIVE unfolded (domain, base, typmod, not_null, has_default) AS (
    SELECT t.oid, t.typbasetype, t.typtypmod, t.typnotnull, t.typdefault IS NOT NULL
    FROM pg_catalog.pg_type t
    WHERE t.typtype = 'd'
    UNION ALL
    SELECT u.domain, t.typbasetype, t.typtypmod, u.not_null OR t.typnotnull, u.has_default OR t.typdefault IS NOT NULL
    FROM unfolded u
    JOIN pg_catalog.pg_type t ON t.oid = u.base AND t.typtype = 'd'
)
SELECT a.attrelid, a.attnum, a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod),
    pg_catalog.format_type(b.oid, COALESCE(u.typmod, a.atttypmod)), b.oid, COALESCE(u.typmod, a.atttypmod),
    b.typtype, b.typcategory, b.typname,
    CASE WHEN b.typcategory = 'A' THEN b.typelem END,
    CASE WHEN b.typcategory = 'A' THEN pg_catalog.format_type(b.typelem, COALESCE(u.typmod, a.atttypmod)) END,
    a.attnotnull OR COALESCE(u.not_null, false),
    (a.atthasdef AND a.attgenerated = '') OR COALESCE(u.has_default, false),
    a.attidentity <> '', a.attgenerated <> '', pg_catalog.col_description(a.attrelid, a.attnum)
FROM pg_catalog.pg_attribute a
JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN unfolded u ON u.domain = a.atttypid
    AND NOT EXISTS (SELECT FROM pg_catalog.pg_type d WHERE d.oid = u.base AND d.typtype = 'd')
JOIN pg_catalog.pg_type b ON b.oid = COALESCE(u.base, a.atttypid)
WHERE a.attnum > 0
    AND NOT a.attisdropped
    AND c.relkind IN ('r', 'p', 'v', 'm')
    AND NOT c.relispartition
    AND n.nspname !~ '^pg_'
    AND n.nspname <> 'information_schema'
ORDER BY a.attrelid, a.attnum
