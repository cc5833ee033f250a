-- Default privileges, one fact for each role, schema and kind of object.
SELECT 0 AS class, 0 AS object, 0 AS sub, 'pg_namespace'::regclass::oid AS on_class, n.oid AS on_object, 0 AS on_sub,
    'pg_namespace'::regclass::oid AS parent_class, n.oid AS parent_object, 0 AS parent_sub,
    concat_ws(' ', quote_ident(pg_get_userbyid(d.defaclrole)), d.defaclobjtype::text, quote_ident(n.nspname)) AS ident,
    quote_ident(pg_get_userbyid(d.defaclrole)) AS role, quote_ident(n.nspname) AS schema, d.defaclobjtype AS kind,
    (SELECT string_agg(g.line, E'\n' ORDER BY g.line COLLATE "C") FROM (
        SELECT CASE WHEN e.grantee = 0 THEN 'PUBLIC' WHEN e.grantee = d.defaclrole THEN '@owner'
                ELSE quote_ident(pg_get_userbyid(e.grantee)) END || ' '
            || string_agg(e.privilege_type || CASE WHEN e.is_grantable THEN '*' ELSE '' END, ','
                ORDER BY e.privilege_type COLLATE "C") AS line
        FROM (SELECT a.grantee, a.privilege_type, bool_or(a.is_grantable) AS is_grantable
            FROM aclexplode(d.defaclacl) a GROUP BY 1, 2) e GROUP BY e.grantee) g) AS acl
FROM pg_default_acl d LEFT JOIN pg_namespace n ON n.oid = d.defaclnamespace
