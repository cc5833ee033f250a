-- What a login needs to know, the second factor included.  $1 e-mail or username
SELECT l.user_id, l.password_hash, l.is_superuser, l.is_verified, l.banned_at IS NOT NULL,
       replace(to_jsonb(l.deletion_scheduled_for) #>> '{}', '+00:00', 'Z'),
       CASE WHEN t.confirmed IS NOT NULL THEN encode(t.seed, 'hex') END, t.last_step,
       floor(extract(epoch FROM cabinet.now()))::bigint
  FROM cabinet.login_lookup($1::text) AS l LEFT JOIN LATERAL cabinet.totp_of(l.user_id) AS t ON true
