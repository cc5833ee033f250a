-- $1 user
UPDATE public.users SET is_verified = true WHERE id = $1::bigint
