-- Extended statistics.
SELECT 'pg_statistic_ext'::regclass::oid AS class, s.oid AS object, 0 AS sub,
    'pg_class'::regclass::oid AS parent_class, s.stxrelid AS parent_object, 0 AS parent_sub,
    format('%I.%I', n.nspname, s.stxname) AS ident, quote_ident(pg_get_userbyid(s.stxowner)) AS owner,
    pg_get_statisticsobjdef(s.oid) AS definition, s.stxstattarget AS target
FROM pg_statistic_ext s JOIN pg_namespace n ON n.oid = s.stxnamespace
WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
