-- $1 user, $2 hash in hex
SELECT cabinet.recovery_code_use($1::bigint, decode($2::text, 'hex'))
