-- $1 user, $2 scope and $3 fingerprint of the request, hex; raises CB423, CB208 or CB422
SELECT cabinet.idempotency_claim($1::bigint, decode($2::text, 'hex'), decode($3::text, 'hex'))
