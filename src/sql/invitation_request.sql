-- Makes an invitation, in place of an open one for the same address, and the mail that carries it.  Returns 0 where the
-- address has an account.  $1 address, $2 hash and $3 seed of the token in hex, $4 lifetime in seconds
WITH voided AS (
    UPDATE public.one_time_tokens AS t SET used_at = cabinet.now()
     WHERE t.kind = 'invitation' AND lower(t.email) = lower($1::text) AND t.used_at IS NULL
), token AS (
    INSERT INTO public.one_time_tokens (token_hash, kind, email, date_created, expires)
    SELECT decode($2::text, 'hex'), 'invitation', $1::text, cabinet.now(),
           cabinet.now() + make_interval(secs => $4::bigint)
     WHERE NOT EXISTS (SELECT FROM public.users AS u WHERE lower(u.email) = lower($1::text) AND u.deleted_at IS NULL)
    RETURNING email
), mail AS (
    INSERT INTO public.mail_outbox (kind, recipient, token_seed, token_hash)
    SELECT 'invitation', t.email, decode($3::text, 'hex'), decode($2::text, 'hex') FROM token AS t
)
SELECT count(*) FROM token
