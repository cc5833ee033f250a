-- $1 name of a table, qualified and quoted.  Whether it is there.
SELECT to_regclass($1::text) IS NOT NULL AS found
