-- Constraints of user tables, then the checks of domains, told of each column that has the domain.
WITH RECURSIVE chain (domain, level) AS (
    SELECT t.oid, t.oid
    FROM pg_catalog.pg_type t
    WHERE t.typtype = 'd'
    UNION ALL
    SELECT u.domain, t.typbasetype
    FROM chain u
    JOIN pg_catalog.pg_type t ON t.oid = u.level AND t.typtype = 'd'
)
SELECT o.conrelid, o.conname, o.contype, pg_catalog.array_to_string(o.conkey, ','),
    pg_catalog.pg_get_constraintdef(o.oid), pg_catalog.obj_description(o.oid, 'pg_constraint'),
    t.nspname, f.relname, f.oid, pg_catalog.array_to_string(o.confkey, ',')
FROM pg_catalog.pg_constraint o
JOIN pg_catalog.pg_class c ON c.oid = o.conrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_catalog.pg_class f ON f.oid = o.confrelid
LEFT JOIN pg_catalog.pg_namespace t ON t.oid = f.relnamespace
WHERE o.contype IN ('p', 'u', 'f', 'c', 'x')
    AND o.conparentid = 0
    AND NOT c.relispartition
    AND n.nspname !~ '^pg_'
    AND n.nspname <> 'information_schema'
UNION ALL
SELECT a.attrelid, o.conname, o.contype, a.attnum::text, pg_catalog.pg_get_constraintdef(o.oid),
    pg_catalog.obj_description(o.oid, 'pg_constraint'), NULL, NULL, NULL, NULL
FROM pg_catalog.pg_attribute a
JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN chain u ON u.domain = a.atttypid
JOIN pg_catalog.pg_constraint o ON o.contypid = u.level AND o.contype = 'c'
WHERE a.attnum > 0
    AND NOT a.attisdropped
    AND c.relkind IN ('r', 'p')
    AND NOT c.relispartition
    AND n.nspname !~ '^pg_'
    AND n.nspname <> 'information_schema'
