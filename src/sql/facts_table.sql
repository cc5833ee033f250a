-- Tables: ordinary, partitioned, foreign.
SELECT 'pg_class'::regclass::oid AS class, c.oid AS object, 0 AS sub, format('%I.%I', n.nspname, c.relname) AS ident,
    quote_ident(pg_get_userbyid(c.relowner)) AS owner, quote_ident(n.nspname) AS schema,
    quote_ident(c.relname) AS name, c.relname AS bare, c.relkind AS kind, c.relpersistence AS persistence,
    pg_get_partkeydef(c.oid) AS partition_key,
    CASE WHEN c.reloftype <> 0 THEN format_type(c.reloftype, NULL) END AS of_type,
    CASE WHEN c.relkind = 'r' THEN quote_ident(a.amname) END AS method, quote_ident(s.spcname) AS tablespace,
    (SELECT string_agg(o, E'\n') FROM unnest(c.reloptions) o) AS options,
    (SELECT string_agg(o, E'\n') FROM unnest(t.reloptions) o) AS toast_options,
    c.relrowsecurity AS row_security, c.relforcerowsecurity AS force_row_security,
    CASE WHEN c.relreplident <> 'i' AND c.relkind <> 'f' THEN c.relreplident ELSE 'd' END AS replica_identity,
    quote_ident(fs.srvname) AS server,
    (SELECT string_agg(quote_ident(o.option_name) || ' ' || quote_literal(o.option_value), E'\n'
        ORDER BY o.option_name)
     FROM pg_options_to_table(f.ftoptions) o) AS foreign_options,
    CASE WHEN c.relkind = 'r' THEN pg_relation_size(c.oid) > 0 ELSE c.relkind = 'p' END AS has_rows
FROM pg_class c
    JOIN pg_namespace n ON n.oid = c.relnamespace
    LEFT JOIN pg_am a ON a.oid = c.relam
    LEFT JOIN pg_tablespace s ON s.oid = c.reltablespace
    LEFT JOIN pg_class t ON t.oid = c.reltoastrelid
    LEFT JOIN pg_foreign_table f ON f.ftrelid = c.oid
    LEFT JOIN pg_foreign_server fs ON fs.oid = f.ftserver
WHERE c.relkind IN ('r', 'p', 'f') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
