-- Checks of domains.
SELECT 'pg_constraint'::regclass::oid AS class, k.oid AS object, 0 AS sub,
    'pg_type'::regclass::oid AS parent_class, k.contypid AS parent_object, 0 AS parent_sub,
    format('%I ON DOMAIN %I.%I', k.conname, n.nspname, t.typname) AS ident, quote_ident(k.conname) AS name,
    format('%I.%I', n.nspname, t.typname) AS domain,
    regexp_replace(pg_get_constraintdef(k.oid), ' NOT VALID$', '') AS definition, k.convalidated AS validated
FROM pg_constraint k
    JOIN pg_type t ON t.oid = k.contypid
    JOIN pg_namespace n ON n.oid = t.typnamespace
WHERE k.contype = 'c' AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
