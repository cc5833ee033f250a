-- Privileges where they are not the built-in ones: one line for each grantee, the owner as @owner.
SELECT o.class AS parent_class, o.object AS parent_object, o.sub AS parent_sub,
    (SELECT string_agg(g.line, E'\n' ORDER BY g.line COLLATE "C") FROM (
        SELECT CASE WHEN e.grantee = 0 THEN 'PUBLIC' WHEN e.grantee = o.owner THEN '@owner'
                ELSE quote_ident(pg_get_userbyid(e.grantee)) END || ' '
            || string_agg(e.privilege_type || CASE WHEN e.is_grantable THEN '*' ELSE '' END, ','
                ORDER BY e.privilege_type COLLATE "C") AS line
        FROM (SELECT a.grantee, a.privilege_type, bool_or(a.is_grantable) AS is_grantable
            FROM aclexplode(o.acl) a GROUP BY 1, 2) e GROUP BY e.grantee) g) AS acl,
    CASE WHEN o.sub > 0 THEN (SELECT quote_ident(a.attname) FROM pg_attribute a WHERE a.attrelid = o.object AND a.attnum = o.sub)
    END AS "column"
FROM (
    SELECT 'pg_class'::regclass::oid AS class, oid AS object, 0 AS sub, relowner AS owner, relacl AS acl FROM pg_class
    WHERE relacl IS NOT NULL AND oid >= 16384
    UNION ALL
    SELECT 'pg_class'::regclass::oid, a.attrelid, a.attnum, c.relowner, a.attacl
    FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
    WHERE a.attacl IS NOT NULL AND c.oid >= 16384 AND NOT a.attisdropped
    UNION ALL
    SELECT 'pg_proc'::regclass::oid, oid, 0, proowner, proacl FROM pg_proc WHERE proacl IS NOT NULL AND oid >= 16384
    UNION ALL
    SELECT 'pg_type'::regclass::oid, oid, 0, typowner, typacl FROM pg_type WHERE typacl IS NOT NULL AND oid >= 16384
    UNION ALL
    SELECT 'pg_namespace'::regclass::oid, oid, 0, nspowner, nspacl FROM pg_namespace WHERE nspacl IS NOT NULL
    UNION ALL
    SELECT 'pg_foreign_data_wrapper'::regclass::oid, oid, 0, fdwowner, fdwacl FROM pg_foreign_data_wrapper
    WHERE fdwacl IS NOT NULL
    UNION ALL
    SELECT 'pg_foreign_server'::regclass::oid, oid, 0, srvowner, srvacl FROM pg_foreign_server WHERE srvacl IS NOT NULL
) o
