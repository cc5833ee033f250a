-- Collations.
SELECT 'pg_collation'::regclass::oid AS class, c.oid AS object, 0 AS sub, format('%I.%I', n.nspname, c.collname) AS ident,
    quote_ident(pg_get_userbyid(c.collowner)) AS owner, quote_ident(n.nspname) AS schema,
    concat_ws(', ', 'provider = ' || CASE c.collprovider WHEN 'i' THEN 'icu' WHEN 'c' THEN 'libc' ELSE 'default' END,
        CASE WHEN NOT c.collisdeterministic THEN 'deterministic = false' END,
        'locale = ' || quote_literal(to_jsonb(c) ->> 'colliculocale'),
        CASE WHEN c.collcollate IS NOT NULL THEN 'lc_collate = ' || quote_literal(c.collcollate)
            || ', lc_ctype = ' || quote_literal(c.collctype) END) AS definition
FROM pg_collation c JOIN pg_namespace n ON n.oid = c.collnamespace
WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
