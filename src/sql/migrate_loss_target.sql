-- $1 "schema.table" or "schema.table.column", quoted where needed.  The table, and the column or null; no row where
-- they are not there.
SELECT format('%I.%I', n.nspname, c.relname) AS relation, quote_ident(a.attname) AS column
  FROM (SELECT parse_ident($1::text) AS words) AS p
  JOIN pg_namespace AS n ON n.nspname = p.words[1]
  JOIN pg_class AS c ON c.relnamespace = n.oid AND c.relname = p.words[2] AND c.relkind IN ('r', 'p')
  LEFT JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attname = p.words[3] AND NOT a.attisdropped
 WHERE p.words[3] IS NULL OR a.attname IS NOT NULL
