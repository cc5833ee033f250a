-- A new account with a username that is free: one of those wished for, else one with a number behind it, else a number.
-- $1 e-mail, $2 provider, $3 names wished for as a JSON array, $4 random digits
WITH wished AS (
    SELECT btrim(left(regexp_replace(normalize(t.name, NFKC), '[@[:cntrl:]]', '', 'g'), 40)) AS name, t.rank
      FROM jsonb_array_elements_text($3::jsonb) WITH ORDINALITY AS t (name, rank)
), candidate AS (
    SELECT w.name, w.rank FROM wished AS w WHERE char_length(w.name) >= 3
    UNION ALL
    SELECT w.name || '-' || left($4::text, 6), 10 + w.rank FROM wished AS w WHERE char_length(w.name) >= 3
    UNION ALL
    SELECT 'user-' || $4::text, 100
)
INSERT INTO public.users AS n (email, username, is_verified, oauth_provider)
SELECT $1::text, c.name, true, $2::text
  FROM candidate AS c
 WHERE c.name IS NFKC NORMALIZED
   AND NOT EXISTS (SELECT FROM public.users AS u WHERE lower(u.username) = lower(c.name) AND u.deleted_at IS NULL)
 ORDER BY c.rank
 LIMIT 1
RETURNING n.id
