-- Whose a token is that could be used now.  $1 its hash in hex, $2 kind; returns the user with address and name, the
-- address the token was sent to, and the session that asked for it
SELECT u.id, u.email, u.username, t.email, t.session_id
  FROM public.one_time_tokens AS t JOIN public.users AS u ON u.id = t.user_id
 WHERE t.token_hash = decode($1::text, 'hex') AND t.kind = $2::text AND t.used_at IS NULL
   AND t.expires > cabinet.now() AND u.deleted_at IS NULL AND u.banned_at IS NULL
   AND (t.kind = 'change_email' OR lower(u.email) = lower(t.email))
