-- Triggers of tables and views, not those made for constraints or cloned to partitions.
SELECT 'pg_trigger'::regclass::oid AS class, t.oid AS object, 0 AS sub,
    'pg_class'::regclass::oid AS parent_class, c.oid AS parent_object, 0 AS parent_sub,
    format('%I ON %I.%I', t.tgname, n.nspname, c.relname) AS ident, quote_ident(t.tgname) AS name,
    format('%I.%I', n.nspname, c.relname) AS "table", pg_get_triggerdef(t.oid) AS definition, t.tgenabled AS enabled
FROM pg_trigger t
    JOIN pg_class c ON c.oid = t.tgrelid
    JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE NOT t.tgisinternal AND t.tgparentid = 0 AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
