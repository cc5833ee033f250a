-- Columns of tables, in their order.  pg_attver is the server's own bookkeeping.
SELECT 'pg_class'::regclass::oid AS class, c.oid AS object, a.attnum AS sub,
    'pg_class'::regclass::oid AS parent_class, c.oid AS parent_object, 0 AS parent_sub,
    format('%I.%I.%I', n.nspname, c.relname, a.attname) AS ident, quote_ident(a.attname) AS name,
    a.attname AS bare, format('%I.%I', n.nspname, c.relname) AS "table", format_type(a.atttypid, a.atttypmod) AS type,
    format_type(a.atttypid, NULL) AS base_type,
    format_type(CASE WHEN t.typtype = 'd' THEN information_schema._pg_truetypid(a, t) ELSE a.atttypid END, NULL)
        AS true_type,
    t.typcategory AS category, t.typtype AS kind_of_type,
    CASE WHEN a.attcollation <> t.typcollation THEN format('%I.%I', cn.nspname, co.collname) END AS collation,
    a.attnotnull AS not_null, a.attidentity AS identity,
    (SELECT format('%I.%I', sn.nspname, sc.relname) FROM pg_depend d JOIN pg_class sc ON sc.oid = d.objid
        JOIN pg_namespace sn ON sn.oid = sc.relnamespace
     WHERE a.attidentity <> '' AND d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass
        AND d.refobjid = c.oid AND d.refobjsubid = a.attnum AND d.deptype = 'i' AND sc.relkind = 'S')
        AS identity_sequence,
    CASE WHEN a.attgenerated <> '' THEN a.attgenerated::text || ' ' || pg_get_expr(ad.adbin, ad.adrelid) END AS generated,
    CASE WHEN a.attstorage <> t.typstorage THEN CASE a.attstorage WHEN 'p' THEN 'PLAIN' WHEN 'e' THEN 'EXTERNAL'
        WHEN 'm' THEN 'MAIN' ELSE 'EXTENDED' END END AS storage,
    CASE t.typstorage WHEN 'p' THEN 'PLAIN' WHEN 'e' THEN 'EXTERNAL' WHEN 'm' THEN 'MAIN' ELSE 'EXTENDED' END
        AS type_storage,
    CASE a.attcompression WHEN 'p' THEN 'pglz' WHEN 'l' THEN 'lz4' END AS compression,
    NULLIF(a.attstattarget, -1) AS statistics,
    (SELECT string_agg(o, E'\n') FROM unnest(a.attoptions) o WHERE o !~ '^pg_attver=')
        AS options,
    (SELECT string_agg(quote_ident(o.option_name) || ' ' || quote_literal(o.option_value), E'\n'
        ORDER BY o.option_name)
     FROM pg_options_to_table(a.attfdwoptions) o) AS foreign_options,
    a.attislocal AS is_local, a.attinhcount AS inherited
FROM pg_attribute a
    JOIN pg_class c ON c.oid = a.attrelid
    JOIN pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_type t ON t.oid = a.atttypid
    LEFT JOIN pg_collation co ON co.oid = a.attcollation
    LEFT JOIN pg_namespace cn ON cn.oid = co.collnamespace
    LEFT JOIN pg_attrdef ad ON ad.adrelid = a.attrelid AND ad.adnum = a.attnum AND a.attgenerated <> ''
WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'p', 'f')
    AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
ORDER BY a.attrelid, a.attnum
