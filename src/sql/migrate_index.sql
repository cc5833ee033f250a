-- Whether index $1 is whole, and whether it is of table $2; no row where there is no such index.
SELECT i.indisvalid AS is_valid, i.indrelid = to_regclass($2::text) AS is_of_table
  FROM pg_index AS i WHERE i.indexrelid = to_regclass($1::text)
