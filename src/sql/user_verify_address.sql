-- Whoever used a mailed token has the address.  $1 user
UPDATE public.users SET is_verified = true WHERE id = $1::bigint AND NOT is_verified
