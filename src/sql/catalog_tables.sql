-- Tables and views that a catalog holds: no partitions, nothing of an extension or of the system.
SELECT c.oid, n.nspname, c.relname, c.relkind IN ('v', 'm'), pg_catalog.obj_description(c.oid, 'pg_class'),
    -- whether an UPDATE goes on after a trigger zz_audit before it: to another partition, or by a later trigger
    c.relkind = 'p' OR EXISTS (
        SELECT FROM pg_catalog.pg_trigger g
        WHERE g.tgrelid = c.oid AND NOT g.tgisinternal AND g.tgtype & 19 = 19 AND g.tgname > 'zz_audit'),
    -- whether a change does what the model and the derived triggers say, at once, and nothing else
    c.relkind IN ('r', 'p') AND NOT c.relrowsecurity
    AND NOT EXISTS (SELECT FROM pg_catalog.pg_rewrite w WHERE w.ev_class = c.oid)
    AND NOT EXISTS (
        SELECT FROM pg_catalog.pg_trigger g
        JOIN pg_catalog.pg_proc f ON f.oid = g.tgfoid
        WHERE g.tgrelid = c.oid
            AND (g.tgdeferrable
                 OR NOT g.tgisinternal AND f.pronamespace IS DISTINCT FROM pg_catalog.to_regnamespace('cabinet')))
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'v', 'm')
    AND NOT c.relispartition
    AND n.nspname !~ '^pg_'
    AND n.nspname <> 'information_schema'
    AND NOT EXISTS (
        SELECT FROM pg_catalog.pg_depend d
        WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objid = c.oid AND d.deptype = 'e')
