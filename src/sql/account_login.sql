-- What a login needs to know.  $1 e-mail or username
SELECT l.user_id, l.password_hash, l.is_superuser, l.is_verified, l.banned_at IS NOT NULL,
       replace(to_jsonb(l.deletion_scheduled_for) #>> '{}', '+00:00', 'Z')
  FROM cabinet.login_lookup($1::text) AS l
