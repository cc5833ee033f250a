-- Rules other than the one that makes a view.
SELECT 'pg_rewrite'::regclass::oid AS class, r.oid AS object, 0 AS sub,
    'pg_class'::regclass::oid AS parent_class, c.oid AS parent_object, 0 AS parent_sub,
    format('%I ON %I.%I', r.rulename, n.nspname, c.relname) AS ident, quote_ident(r.rulename) AS name,
    format('%I.%I', n.nspname, c.relname) AS "table",
    regexp_replace(pg_get_ruledef(r.oid), ';\s*$', '') AS definition, r.ev_enabled AS enabled
FROM pg_rewrite r
    JOIN pg_class c ON c.oid = r.ev_class
    JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE r.rulename <> '_RETURN' AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
