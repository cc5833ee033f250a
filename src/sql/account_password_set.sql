-- $1 user, $2 hash
SELECT cabinet.password_set($1::bigint, $2::text)
