-- Foreign-data wrappers, servers, user mappings; options are one a line.
SELECT 'pg_foreign_data_wrapper'::regclass::oid AS class, w.oid AS object, 0 AS sub,
    NULL::oid AS parent_class, NULL::oid AS parent_object, 0 AS parent_sub,
    'FOREIGN DATA WRAPPER ' || quote_ident(w.fdwname) AS ident, quote_ident(pg_get_userbyid(w.fdwowner)) AS owner,
    concat_ws(' ', 'HANDLER ' || NULLIF(w.fdwhandler, 0)::regproc, 'VALIDATOR ' || NULLIF(w.fdwvalidator, 0)::regproc)
        AS definition,
    (SELECT string_agg(quote_ident(o.option_name) || ' ' || quote_literal(o.option_value), E'\n'
        ORDER BY o.option_name)
     FROM pg_options_to_table(w.fdwoptions) o) AS options
FROM pg_foreign_data_wrapper w
UNION ALL
SELECT 'pg_foreign_server'::regclass::oid, s.oid, 0, NULL, NULL, 0, 'SERVER ' || quote_ident(s.srvname),
    quote_ident(pg_get_userbyid(s.srvowner)),
    concat_ws(' ', 'TYPE ' || quote_literal(s.srvtype), 'VERSION ' || quote_literal(s.srvversion),
        'FOREIGN DATA WRAPPER ' || quote_ident(w.fdwname)),
    (SELECT string_agg(quote_ident(o.option_name) || ' ' || quote_literal(o.option_value), E'\n'
        ORDER BY o.option_name)
     FROM pg_options_to_table(s.srvoptions) o)
FROM pg_foreign_server s JOIN pg_foreign_data_wrapper w ON w.oid = s.srvfdw
UNION ALL
SELECT 'pg_user_mapping'::regclass::oid, m.umid, 0, 'pg_foreign_server'::regclass::oid, m.srvid, 0,
    format('USER MAPPING FOR %s SERVER %I', CASE WHEN m.umuser = 0 THEN 'PUBLIC'
        ELSE quote_ident(m.usename) END, m.srvname), NULL, '',
    (SELECT string_agg(quote_ident(o.option_name) || ' ' || quote_literal(o.option_value), E'\n'
        ORDER BY o.option_name)
     FROM pg_options_to_table(m.umoptions) o)
FROM pg_user_mappings m
