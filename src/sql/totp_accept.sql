-- $1 user, $2 step of the code
SELECT cabinet.totp_accept($1::bigint, $2::bigint)
