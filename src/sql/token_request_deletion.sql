-- Makes a token that confirms the deletion of an account, and the mail that carries it; nothing where the deletion is
-- scheduled already, or the last token is fresh.
-- $1 user, $2 session, $3 hash and $4 seed of the token in hex, $5 lifetime and $6 cooldown in seconds
WITH token AS (
    INSERT INTO public.one_time_tokens AS t (token_hash, user_id, kind, email, session_id, date_created, expires)
    SELECT decode($3::text, 'hex'), u.id, 'confirm_deletion', u.email, $2::uuid, cabinet.now(),
           cabinet.now() + make_interval(secs => $5::bigint)
      FROM public.users AS u
     WHERE u.id = $1::bigint AND u.deletion_scheduled_for IS NULL
    ON CONFLICT (user_id, kind) WHERE used_at IS NULL DO UPDATE
       SET token_hash = excluded.token_hash, email = excluded.email, session_id = excluded.session_id,
           date_created = excluded.date_created, expires = excluded.expires
     WHERE t.date_created <= cabinet.now() - make_interval(secs => $6::bigint)
    RETURNING t.user_id
)
INSERT INTO public.mail_outbox (user_id, kind, recipient, facts, token_seed, token_hash)
SELECT u.id, 'confirm_deletion', u.email, jsonb_build_object('username', u.username), decode($4::text, 'hex'),
       decode($3::text, 'hex')
  FROM token AS t JOIN public.users AS u ON u.id = t.user_id
