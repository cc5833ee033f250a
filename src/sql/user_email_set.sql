-- $1 user, $2 an address that was confirmed
UPDATE public.users SET email = $2::text, is_verified = true WHERE id = $1::bigint
