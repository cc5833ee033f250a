-- $1 user, $2 hashes in hex, separated by spaces
SELECT cabinet.recovery_codes_set($1::bigint, $2::text)
