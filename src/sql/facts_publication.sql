-- Publications; members are one a line.
SELECT 'pg_publication'::regclass::oid AS class, p.oid AS object, 0 AS sub, quote_ident(p.pubname) AS ident,
    quote_ident(pg_get_userbyid(p.pubowner)) AS owner, p.puballtables AS all_tables,
    concat_ws(', ', CASE WHEN p.pubinsert THEN 'insert' END, CASE WHEN p.pubupdate THEN 'update' END,
        CASE WHEN p.pubdelete THEN 'delete' END, CASE WHEN p.pubtruncate THEN 'truncate' END) AS publish,
    p.pubviaroot AS via_root,
    (SELECT string_agg(m.line, E'\n' ORDER BY m.line COLLATE "C") FROM (
        SELECT 'TABLE ONLY ' || format('%I.%I', n.nspname, c.relname)
            || CASE WHEN r.prattrs IS NOT NULL
               THEN ' (' || (SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum) FROM pg_attribute a
                    WHERE a.attrelid = c.oid AND a.attnum = ANY (r.prattrs::int2[]))
                    || ')' ELSE '' END
            || coalesce(' WHERE ' || pg_get_expr(r.prqual, c.oid), '') AS line
        FROM pg_publication_rel r JOIN pg_class c ON c.oid = r.prrelid JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE r.prpubid = p.oid
        UNION ALL
        SELECT 'TABLES IN SCHEMA ' || quote_ident(n.nspname)
        FROM pg_publication_namespace s JOIN pg_namespace n ON n.oid = s.pnnspid WHERE s.pnpubid = p.oid) m) AS members
FROM pg_publication p
