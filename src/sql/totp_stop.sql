-- Whether there was a second factor.  $1 user
SELECT cabinet.totp_stop($1::bigint)
