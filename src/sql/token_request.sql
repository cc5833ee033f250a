-- Makes a one-time token for the account with an address, and the mail that carries it, in the place of an open token
-- unless that one is fresh.  Where there is no such account the same is written, good for nothing, so that it takes as
-- long.  $1 address, $2 kind, $3 hash and $4 seed of the token in hex, $5 lifetime and $6 cooldown in seconds
WITH person AS (
    SELECT u.id, u.email, u.username FROM public.users AS u
     WHERE lower(u.email) = lower($1::text) AND u.deleted_at IS NULL AND u.banned_at IS NULL
       AND ($2::text <> 'verify_email' OR NOT u.is_verified)
), token AS (
    INSERT INTO public.one_time_tokens AS t (token_hash, user_id, kind, email, date_created, expires)
    SELECT decode($3::text, 'hex'), p.id, $2::text, COALESCE(p.email, ''), cabinet.now(),
           CASE WHEN p.id IS NULL THEN '-infinity' ELSE cabinet.now() + make_interval(secs => $5::bigint) END
      FROM (VALUES (1)) AS one (n) LEFT JOIN person AS p ON true
    ON CONFLICT (user_id, kind) WHERE used_at IS NULL DO UPDATE
       SET token_hash = excluded.token_hash, email = excluded.email, date_created = excluded.date_created,
           expires = excluded.expires
     WHERE t.date_created <= cabinet.now() - make_interval(secs => $6::bigint)
    RETURNING t.user_id
)
INSERT INTO public.mail_outbox (user_id, kind, recipient, facts, token_seed, token_hash, status, date_created)
SELECT p.id, $2::text, COALESCE(p.email, ''), jsonb_build_object('username', p.username),
       decode($4::text, 'hex'), decode($3::text, 'hex'),
       CASE WHEN p.id IS NULL THEN 'void' ELSE 'queued' END,
       CASE WHEN p.id IS NULL THEN '-infinity' ELSE now() END
  FROM (VALUES (1)) AS one (n)
  LEFT JOIN token AS t ON true
  LEFT JOIN person AS p ON p.id = t.user_id
