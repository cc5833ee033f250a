-- Triggers of tables and views, not those made for constraints.  A partition's copy of its table's trigger has a state of
-- its own and nothing else.
SELECT 'pg_trigger'::regclass::oid AS class, t.oid AS object, 0 AS sub,
    'pg_class'::regclass::oid AS parent_class, c.oid AS parent_object, 0 AS parent_sub,
    'pg_trigger'::regclass::oid AS on_class, NULLIF(t.tgparentid, 0) AS on_object, 0 AS on_sub,
    format('%I ON %I.%I', t.tgname, n.nspname, c.relname) AS ident, quote_ident(t.tgname) AS name,
    format('%I.%I', n.nspname, c.relname) AS "table",
    CASE WHEN t.tgparentid = 0 THEN pg_get_triggerdef(t.oid) END AS definition, t.tgenabled AS enabled,
    t.tgparentid <> 0 AS clone
FROM pg_trigger t
    JOIN pg_class c ON c.oid = t.tgrelid
    JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE NOT t.tgisinternal AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
