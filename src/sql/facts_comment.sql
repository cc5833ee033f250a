-- Comments with the words that COMMENT ON needs; that of schema public is the server's own unless changed.
SELECT d.classoid AS parent_class, d.objoid AS parent_object, d.objsubid AS parent_sub,
    CASE i.type WHEN 'table column' THEN 'COLUMN' WHEN 'view column' THEN 'COLUMN'
        WHEN 'materialized view column' THEN 'COLUMN' WHEN 'foreign table column' THEN 'COLUMN'
        WHEN 'composite type column' THEN 'COLUMN' WHEN 'table constraint' THEN 'CONSTRAINT'
        WHEN 'domain constraint' THEN 'CONSTRAINT' WHEN 'foreign-data wrapper' THEN 'FOREIGN DATA WRAPPER'
        WHEN 'statistics object' THEN 'STATISTICS' ELSE upper(i.type) END AS word,
    CASE i.type WHEN 'domain constraint' THEN (SELECT format('%I ON DOMAIN %I.%I', k.conname, n.nspname, t.typname)
            FROM pg_constraint k JOIN pg_type t ON t.oid = k.contypid JOIN pg_namespace n ON n.oid = t.typnamespace
            WHERE k.oid = d.objoid)
        WHEN 'aggregate' THEN regexp_replace(i.identity, '\(\)$', '(*)')
        ELSE i.identity END AS name,
    quote_literal(d.description) AS text
FROM pg_description d CROSS JOIN LATERAL pg_identify_object(d.classoid, d.objoid, d.objsubid) i
WHERE (d.objoid >= 16384 OR d.classoid = 'pg_namespace'::regclass)
    AND d.classoid <> 'pg_largeobject'::regclass AND i.identity IS NOT NULL
    AND NOT (d.classoid = 'pg_namespace'::regclass AND i.identity ~ '^(pg_|information_schema$)')
