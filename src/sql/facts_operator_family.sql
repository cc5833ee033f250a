-- Operator families that are not just the shell of their class.
SELECT 'pg_opfamily'::regclass::oid AS class, f.oid AS object, 0 AS sub,
    format('%I.%I USING %I', n.nspname, f.opfname, a.amname) AS ident,
    quote_ident(pg_get_userbyid(f.opfowner)) AS owner
FROM pg_opfamily f JOIN pg_namespace n ON n.oid = f.opfnamespace JOIN pg_am a ON a.oid = f.opfmethod
WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
