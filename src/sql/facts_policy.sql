-- Row security policies.
SELECT 'pg_policy'::regclass::oid AS class, p.oid AS object, 0 AS sub,
    'pg_class'::regclass::oid AS parent_class, c.oid AS parent_object, 0 AS parent_sub,
    format('%I ON %I.%I', p.polname, n.nspname, c.relname) AS ident, p.polpermissive AS permissive,
    CASE p.polcmd WHEN 'r' THEN 'SELECT' WHEN 'a' THEN 'INSERT' WHEN 'w' THEN 'UPDATE' WHEN 'd' THEN 'DELETE'
        ELSE 'ALL' END AS command,
    (SELECT string_agg(CASE WHEN u = 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(u)) END, ', '
        ORDER BY pg_get_userbyid(u) COLLATE "C") FROM unnest(p.polroles) u) AS roles,
    pg_get_expr(p.polqual, p.polrelid) AS using, pg_get_expr(p.polwithcheck, p.polrelid) AS check
FROM pg_policy p
    JOIN pg_class c ON c.oid = p.polrelid
    JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
