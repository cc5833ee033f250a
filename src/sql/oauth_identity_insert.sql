-- Links an identity; no row where it, or the account, is linked otherwise.
-- $1 user, $2 provider, $3 issuer, $4 subject, $5 e-mail address or null
INSERT INTO public.user_identities AS i (user_id, provider, issuer, subject, email)
VALUES ($1::bigint, $2::text, $3::text, $4::text, $5::text)
ON CONFLICT DO NOTHING
RETURNING i.id
