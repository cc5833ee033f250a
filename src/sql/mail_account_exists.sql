-- Tells the owner of an address that somebody tried to register with it, unless told a moment ago.
-- $1 address, $2 cooldown in seconds
INSERT INTO public.mail_outbox (user_id, kind, recipient, facts)
SELECT u.id, 'account_exists', u.email, jsonb_build_object('username', u.username)
  FROM public.users AS u
 WHERE lower(u.email) = lower($1::text) AND u.deleted_at IS NULL
   AND NOT EXISTS (SELECT FROM public.mail_outbox AS m
                    WHERE m.user_id = u.id AND m.kind = 'account_exists'
                      AND m.date_created > now() - make_interval(secs => $2::bigint))
