-- Schemas.  class/object/sub is the address, parent_… what takes it along when dropped, ident its name in SQL.
SELECT 'pg_namespace'::regclass::oid AS class, n.oid AS object, 0 AS sub, quote_ident(n.nspname) AS ident,
    quote_ident(pg_get_userbyid(n.nspowner)) AS owner
FROM pg_namespace n
WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
