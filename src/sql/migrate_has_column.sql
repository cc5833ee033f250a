-- $1 name of a table, qualified and quoted; $2 plain name of a column.  Whether it is there.
SELECT EXISTS (SELECT FROM pg_attribute AS a
                WHERE a.attrelid = to_regclass($1::text) AND a.attname = $2::text AND NOT a.attisdropped) AS found
