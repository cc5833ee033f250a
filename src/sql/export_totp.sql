-- $1 user; one JSON object
SELECT jsonb_build_object('totp', t.confirmed IS NOT NULL,
                          'since', replace(to_jsonb(t.confirmed) #>> '{}', '+00:00', 'Z'),
                          'recovery_codes_left', coalesce(t.codes_left, 0))
  FROM (VALUES (1)) AS one (n) LEFT JOIN cabinet.totp_of($1::bigint) AS t ON true
