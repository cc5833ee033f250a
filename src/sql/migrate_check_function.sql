-- Checks the body of the function $1 of language sql.
SELECT fmgr_sql_validator($1::oid)
