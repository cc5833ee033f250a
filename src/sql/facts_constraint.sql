-- Constraints of tables, those they have from their parents too; not what the server makes for each partition that is
-- referred to.
SELECT 'pg_constraint'::regclass::oid AS class, k.oid AS object, 0 AS sub,
    'pg_class'::regclass::oid AS parent_class, k.conrelid AS parent_object, 0 AS parent_sub,
    format('%I ON %I.%I', k.conname, n.nspname, c.relname) AS ident, quote_ident(k.conname) AS name,
    format('%I.%I', n.nspname, c.relname) AS "table", quote_ident(n.nspname) AS schema, k.contype AS kind,
    regexp_replace(pg_get_constraintdef(k.oid), ' NOT VALID$', '') AS definition, k.convalidated AS validated,
    k.conislocal AS is_local, c.relkind AS relkind, k.conindid AS index_oid, k.conrelid AS table_oid,
    k.confrelid AS target_oid, array_to_string(k.conkey, ' ') AS columns, array_to_string(k.confkey, ' ') AS target_columns,
    (SELECT string_agg(o, E'\n') FROM unnest(i.reloptions) o
     WHERE k.contype IN ('p', 'u', 'x')) AS options,
    CASE WHEN k.contype IN ('p', 'u', 'x') THEN quote_ident(s.spcname) END AS tablespace
FROM pg_constraint k
    JOIN pg_class c ON c.oid = k.conrelid
    JOIN pg_namespace n ON n.oid = c.relnamespace
    LEFT JOIN pg_class i ON i.oid = k.conindid
    LEFT JOIN pg_tablespace s ON s.oid = i.reltablespace
WHERE (k.contype IN ('p', 'u', 'x', 'c') OR k.contype = 'f'
    AND NOT EXISTS (SELECT FROM pg_constraint a WHERE a.oid = k.conparentid AND a.conrelid = k.conrelid))
    AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
