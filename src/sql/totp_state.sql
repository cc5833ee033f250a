-- A user's second factor; one row.  $1 user
SELECT encode(t.seed, 'hex'), t.confirmed IS NOT NULL, coalesce(t.last_step, 0), coalesce(t.codes_left, 0),
       floor(extract(epoch FROM cabinet.now()))::bigint
  FROM (VALUES (1)) AS one (n) LEFT JOIN cabinet.totp_of($1::bigint) AS t ON true
