-- $1 user, $2 step of the code, $3 hashes of recovery codes in hex, separated by spaces
SELECT cabinet.totp_confirm($1::bigint, $2::bigint, $3::text)
