-- $1 e-mail, $2 username, $3 is_verified, $4 is_superuser
INSERT INTO public.users (email, username, is_verified, is_superuser)
VALUES ($1::text, normalize($2::text, NFKC), $3::boolean, $4::boolean)
RETURNING id, email, username, is_verified, is_superuser, replace(to_jsonb(date_created) #>> '{}', '+00:00', 'Z')
