-- Objects of users that are counted and reported, but not compared.
SELECT x.word, x.name, x.class, x.object FROM (
    SELECT 'base type' AS word, format('%I.%I', n.nspname, t.typname) AS name, 'pg_type'::regclass::oid AS class, t.oid AS object
    FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
    WHERE t.typtype IN ('b', 'p') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
        AND NOT EXISTS (SELECT FROM pg_type e WHERE e.typarray = t.oid)
    UNION ALL
    SELECT 'language', quote_ident(l.lanname), 'pg_language'::regclass::oid, l.oid FROM pg_language l WHERE l.oid >= 16384
    UNION ALL
    SELECT 'access method', quote_ident(a.amname), 'pg_am'::regclass::oid, a.oid FROM pg_am a WHERE a.oid >= 16384
    UNION ALL
    SELECT 'transform', format('%s %s', format_type(t.trftype, NULL), l.lanname), 'pg_transform'::regclass::oid, t.oid
    FROM pg_transform t JOIN pg_language l ON l.oid = t.trflang WHERE t.oid >= 16384
    UNION ALL
    SELECT 'subscription', quote_ident(s.subname), 'pg_subscription'::regclass::oid, s.oid
    FROM pg_subscription s JOIN pg_database d ON d.oid = s.subdbid WHERE d.datname = current_database()
    UNION ALL
    SELECT 'security label', l.provider || ' ' || l.objoid::text, l.classoid, l.objoid FROM pg_seclabel l
) x
WHERE NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = x.class AND d.objid = x.object AND d.deptype = 'e')
ORDER BY 1, 2
