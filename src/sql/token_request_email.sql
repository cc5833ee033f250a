-- Makes a token that gives an account a new address, and tells both addresses; where the new one has an account of its
-- own, that account is told, and the token is good for nothing.  Returns 0 where the last token is too fresh.
-- $1 user, $2 new address, $3 hash and $4 seed of the token in hex, $5 lifetime and $6 cooldown in seconds
WITH person AS (
    SELECT u.id, u.email, u.username FROM public.users AS u WHERE u.id = $1::bigint
), holder AS (
    SELECT u.id, u.email, u.username FROM public.users AS u
     WHERE lower(u.email) = lower($2::text) AND u.deleted_at IS NULL AND u.id <> $1::bigint
), token AS (
    INSERT INTO public.one_time_tokens AS t (token_hash, user_id, kind, email, date_created, expires)
    SELECT decode($3::text, 'hex'), p.id, 'change_email', $2::text, cabinet.now(),
           CASE WHEN EXISTS (SELECT FROM holder) THEN '-infinity'
                ELSE cabinet.now() + make_interval(secs => $5::bigint) END
      FROM person AS p
    ON CONFLICT (user_id, kind) WHERE used_at IS NULL DO UPDATE
       SET token_hash = excluded.token_hash, email = excluded.email, date_created = excluded.date_created,
           expires = excluded.expires
     WHERE t.date_created <= cabinet.now() - make_interval(secs => $6::bigint)
    RETURNING t.user_id
), mails AS (
    INSERT INTO public.mail_outbox (user_id, kind, recipient, facts, token_seed, token_hash)
    SELECT p.id, 'change_email', $2::text, jsonb_build_object('email', $2::text), decode($4::text, 'hex'),
           decode($3::text, 'hex')
      FROM token AS t JOIN person AS p ON p.id = t.user_id
     WHERE NOT EXISTS (SELECT FROM holder)
     UNION ALL
    SELECT h.id, 'account_exists', h.email, jsonb_build_object('username', h.username), NULL, NULL
      FROM token AS t CROSS JOIN holder AS h
     UNION ALL
    SELECT p.id, 'email_change_requested', p.email, jsonb_build_object('username', p.username, 'email', $2::text),
           NULL, NULL
      FROM token AS t JOIN person AS p ON p.id = t.user_id
)
SELECT count(*) FROM token
