-- Views and materialised views.
SELECT 'pg_class'::regclass::oid AS class, c.oid AS object, 0 AS sub, format('%I.%I', n.nspname, c.relname) AS ident,
    quote_ident(pg_get_userbyid(c.relowner)) AS owner, quote_ident(n.nspname) AS schema, quote_ident(c.relname) AS name, c.relname AS bare, c.relkind AS kind,
    regexp_replace(pg_get_viewdef(c.oid), ';\s*$', '') AS definition,
    (SELECT string_agg(quote_ident(a.attname) || ' ' || format_type(a.atttypid, a.atttypmod)
            || CASE WHEN a.attcollation <> t.typcollation THEN format(' COLLATE %I.%I', cn.nspname, co.collname)
               ELSE '' END, E'\n' ORDER BY a.attnum)
     FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid LEFT JOIN pg_collation co ON co.oid = a.attcollation
        LEFT JOIN pg_namespace cn ON cn.oid = co.collnamespace
     WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped) AS columns,
    (SELECT string_agg(o, E'\n') FROM unnest(c.reloptions) o) AS options,
    CASE WHEN c.relkind = 'm' THEN (SELECT string_agg(quote_ident(a.attname) || s.setting, E'\n' ORDER BY a.attnum)
        FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid CROSS JOIN LATERAL (
            SELECT ' SET STATISTICS ' || a.attstattarget AS setting WHERE a.attstattarget >= 0
            UNION ALL
            SELECT ' SET STORAGE ' || CASE a.attstorage WHEN 'p' THEN 'PLAIN' WHEN 'e' THEN 'EXTERNAL'
                WHEN 'm' THEN 'MAIN' ELSE 'EXTENDED' END WHERE a.attstorage <> t.typstorage) s
        WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped) END AS settings,
    CASE WHEN c.relkind = 'm' THEN c.relispopulated END AS populated,
    CASE WHEN c.relkind = 'm' THEN quote_ident(am.amname) END AS method, quote_ident(s.spcname) AS tablespace
FROM pg_class c
    JOIN pg_namespace n ON n.oid = c.relnamespace
    LEFT JOIN pg_am am ON am.oid = c.relam
    LEFT JOIN pg_tablespace s ON s.oid = c.reltablespace
WHERE c.relkind IN ('v', 'm') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
