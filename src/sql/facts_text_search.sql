-- Text search parsers, templates, dictionaries and configurations.
SELECT x.* FROM (
SELECT 'pg_ts_parser'::regclass::oid AS class, p.oid AS object, 0 AS sub, 'PARSER ' || format('%I.%I', n.nspname, p.prsname)
    AS ident, NULL AS owner, n.nspname AS space,
    format('CREATE TEXT SEARCH PARSER %I.%I (', n.nspname, p.prsname) || concat_ws(', ', 'START = ' || p.prsstart,
        'GETTOKEN = ' || p.prstoken, 'END = ' || p.prsend, 'HEADLINE = ' || NULLIF(p.prsheadline, 0)::regproc,
        'LEXTYPES = ' || p.prslextype) || ')' AS definition,
    NULL AS mappings
FROM pg_ts_parser p JOIN pg_namespace n ON n.oid = p.prsnamespace
UNION ALL
SELECT 'pg_ts_template'::regclass::oid, t.oid, 0, 'TEMPLATE ' || format('%I.%I', n.nspname, t.tmplname), NULL, n.nspname,
    format('CREATE TEXT SEARCH TEMPLATE %I.%I (', n.nspname, t.tmplname)
    || concat_ws(', ', 'INIT = ' || NULLIF(t.tmplinit, 0)::regproc, 'LEXIZE = ' || t.tmpllexize) || ')', NULL
FROM pg_ts_template t JOIN pg_namespace n ON n.oid = t.tmplnamespace
UNION ALL
SELECT 'pg_ts_dict'::regclass::oid, d.oid, 0, 'DICTIONARY ' || format('%I.%I', n.nspname, d.dictname),
    quote_ident(pg_get_userbyid(d.dictowner)), n.nspname,
    format('CREATE TEXT SEARCH DICTIONARY %I.%I (TEMPLATE = %I.%I%s)', n.nspname, d.dictname, tn.nspname, t.tmplname,
        coalesce(', ' || d.dictinitoption, '')), NULL
FROM pg_ts_dict d JOIN pg_namespace n ON n.oid = d.dictnamespace JOIN pg_ts_template t ON t.oid = d.dicttemplate
    JOIN pg_namespace tn ON tn.oid = t.tmplnamespace
UNION ALL
SELECT 'pg_ts_config'::regclass::oid, c.oid, 0, 'CONFIGURATION ' || format('%I.%I', n.nspname, c.cfgname),
    quote_ident(pg_get_userbyid(c.cfgowner)), n.nspname,
    format('CREATE TEXT SEARCH CONFIGURATION %I.%I (PARSER = %I.%I)', n.nspname, c.cfgname, pn.nspname, p.prsname),
    (SELECT string_agg(g.line, E'\n' ORDER BY g.line COLLATE "C") FROM (
        SELECT quote_ident(tt.alias) || ' WITH ' || string_agg(m.mapdict::regdictionary::text, ', ' ORDER BY m.mapseqno)
            AS line
        FROM pg_ts_config_map m JOIN ts_token_type(c.cfgparser) tt ON tt.tokid = m.maptokentype
        WHERE m.mapcfg = c.oid GROUP BY tt.alias) g)
FROM pg_ts_config c JOIN pg_namespace n ON n.oid = c.cfgnamespace JOIN pg_ts_parser p ON p.oid = c.cfgparser
    JOIN pg_namespace pn ON pn.oid = p.prsnamespace
) x
WHERE x.space !~ '^pg_' AND x.space <> 'information_schema'
