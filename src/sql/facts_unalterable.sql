-- What is seen and not altered, each whole in words: grants by others than the owner, privileges on languages and on members
-- of extensions that the extension did not give, columns that a table has from its parent and is said to have itself.
SELECT x.line FROM (
    SELECT format('privileges on %s given by %I: %s', o.name, pg_get_userbyid(a.grantor), string_agg(
        CASE WHEN a.grantee = 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END || ' ' || a.privilege_type,
        ', ' ORDER BY a.grantee, a.privilege_type)) AS line
    FROM (
        SELECT format('%I.%I', n.nspname, c.relname) AS name, c.relowner AS owner, c.relacl AS acl
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relacl IS NOT NULL AND c.oid >= 16384
        UNION ALL
        SELECT p.oid::regprocedure::text, p.proowner, p.proacl FROM pg_proc p WHERE p.proacl IS NOT NULL AND p.oid >= 16384
        UNION ALL
        SELECT 'schema ' || quote_ident(n.nspname), n.nspowner, n.nspacl FROM pg_namespace n WHERE n.nspacl IS NOT NULL
    ) o CROSS JOIN LATERAL aclexplode(o.acl) a
    WHERE a.grantor <> o.owner GROUP BY o.name, a.grantor
    UNION ALL
    SELECT format('privileges on language %I: %s', l.lanname, l.lanacl)
    FROM pg_language l LEFT JOIN pg_init_privs i
        ON i.classoid = 'pg_language'::regclass AND i.objoid = l.oid AND i.objsubid = 0
    WHERE l.lanacl IS NOT NULL AND l.lanacl IS DISTINCT FROM i.initprivs
    UNION ALL
    SELECT format('privileges on %s of extension %I: %s', m.name, e.extname, m.acl)
    FROM (
        SELECT 'pg_proc'::regclass::oid AS class, p.oid AS object, p.oid::regprocedure::text AS name, p.proacl AS acl
        FROM pg_proc p WHERE p.proacl IS NOT NULL
        UNION ALL
        SELECT 'pg_class'::regclass, c.oid, c.oid::regclass::text, c.relacl FROM pg_class c WHERE c.relacl IS NOT NULL
        UNION ALL
        SELECT 'pg_type'::regclass, t.oid, t.oid::regtype::text, t.typacl FROM pg_type t WHERE t.typacl IS NOT NULL
    ) m
        JOIN pg_depend d ON d.classid = m.class AND d.objid = m.object AND d.deptype = 'e'
        JOIN pg_extension e ON e.oid = d.refobjid
        LEFT JOIN pg_init_privs i ON i.classoid = m.class AND i.objoid = m.object AND i.objsubid = 0
    WHERE m.acl IS DISTINCT FROM i.initprivs
    UNION ALL
    SELECT format('column %I.%I.%I, of the parent and its own', n.nspname, c.relname, a.attname)
    FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE a.attinhcount > 0 AND a.attislocal AND NOT a.attisdropped AND NOT c.relispartition
        AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
) x
ORDER BY 1
