-- $1 name of a table, qualified and quoted.  Its constraints, other indexes and sequences: kind, schema, name.
SELECT 'constraint' AS kind, n.nspname AS schema, c.conname AS name
  FROM pg_constraint AS c
  JOIN pg_class AS t ON t.oid = c.conrelid
  JOIN pg_namespace AS n ON n.oid = t.relnamespace
 WHERE c.conrelid = to_regclass($1::text) AND c.contype IN ('p', 'u', 'f', 'c', 'x')
UNION ALL
SELECT 'index', n.nspname, r.relname
  FROM pg_index AS i
  JOIN pg_class AS r ON r.oid = i.indexrelid
  JOIN pg_namespace AS n ON n.oid = r.relnamespace
 WHERE i.indrelid = to_regclass($1::text)
   AND NOT EXISTS (SELECT FROM pg_constraint AS c WHERE c.conindid = i.indexrelid AND c.contype IN ('p', 'u', 'x'))
UNION ALL
SELECT 'sequence', n.nspname, s.relname
  FROM pg_depend AS d
  JOIN pg_class AS s ON s.oid = d.objid AND s.relkind = 'S'
  JOIN pg_namespace AS n ON n.oid = s.relnamespace
 WHERE d.refobjid = to_regclass($1::text) AND d.classid = 'pg_class'::regclass AND d.deptype IN ('a', 'i')
 ORDER BY 1, 2, 3
