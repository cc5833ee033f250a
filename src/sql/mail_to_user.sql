-- A mail to a user.  $1 user, $2 kind, $3 another address than the user's, or null, $4 an address that is told, or null
INSERT INTO public.mail_outbox (user_id, kind, recipient, facts)
SELECT u.id, $2::text, COALESCE($3::text, u.email),
       jsonb_build_object('username', u.username, 'email', $4::text,
                          'when', to_char(u.deletion_scheduled_for AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI "UTC"'))
  FROM public.users AS u
 WHERE u.id = $1::bigint
