-- Functions, procedures, window functions; without cabinet.generation(), which a trigger makes of a row.
SELECT 'pg_proc'::regclass::oid AS class, p.oid AS object, 0 AS sub,
    format('%I.%I(%s)', n.nspname, p.proname, oidvectortypes(p.proargtypes)) AS ident,
    format('%I.%I(%s)', n.nspname, p.proname, pg_get_function_identity_arguments(p.oid)) AS signature,
    quote_ident(pg_get_userbyid(p.proowner)) AS owner, quote_ident(n.nspname) AS schema, p.proname AS bare, p.prokind AS kind, pg_get_functiondef(p.oid) AS definition,
    pg_get_function_result(p.oid) AS result, p.pronargdefaults AS defaults,
    concat_ws(' ', array_to_string(p.proargmodes, ','), '|',
        (SELECT string_agg(format_type(u, NULL), ',') FROM unnest(p.proallargtypes) u)) AS modes,
    (SELECT string_agg(quote_ident(u), ',' ORDER BY o) FROM unnest(p.proargnames) WITH ORDINALITY AS x (u, o))
        AS names,
    l.lanname AS language, CASE WHEN l.lanname IN ('sql', 'plpgsql', 'plpython3u', 'plperl', 'plperlu', 'plv8')
        AND p.prosqlbody IS NULL THEN p.prosrc END AS body
FROM pg_proc p
    JOIN pg_namespace n ON n.oid = p.pronamespace
    JOIN pg_language l ON l.oid = p.prolang
WHERE p.prokind IN ('f', 'p', 'w') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
    AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid
        AND d.deptype IN ('e', 'i'))
    AND NOT (n.nspname = 'cabinet' AND p.proname = 'generation' AND p.pronargs = 0)
