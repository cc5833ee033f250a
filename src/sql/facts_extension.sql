-- Extensions; their members are no facts.
SELECT 'pg_extension'::regclass::oid AS class, e.oid AS object, 0 AS sub, quote_ident(e.extname) AS ident,
    quote_ident(n.nspname) AS schema, e.extversion AS version, e.extrelocatable AS relocatable
FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace
