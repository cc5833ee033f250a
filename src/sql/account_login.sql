-- What a login needs to know, the second factor included; one row, without a user where there is none.
-- $1 e-mail or username, $2 code of that name in hex, $3 address of the client or null
SELECT l.user_id, l.password_hash, l.is_superuser, l.is_verified, l.banned_at IS NOT NULL,
       replace(to_jsonb(l.deletion_scheduled_for) #>> '{}', '+00:00', 'Z'),
       CASE WHEN t.confirmed IS NOT NULL THEN encode(t.seed, 'hex') END, t.last_step,
       floor(extract(epoch FROM cabinet.now()))::bigint, cabinet.login_failures_of(decode($2::text, 'hex')),
       EXISTS (SELECT FROM public.sessions AS s
                WHERE s.user_id = l.user_id AND s.ip = $3::inet AND s.expires > now())
  FROM (VALUES (1)) AS one (n)
  LEFT JOIN cabinet.login_lookup($1::text) AS l ON true
  LEFT JOIN LATERAL cabinet.totp_of(l.user_id) AS t ON true
