-- Whether the seed waits to be confirmed.  $1 user, $2 seed in hex
SELECT cabinet.totp_start($1::bigint, decode($2::text, 'hex'))
