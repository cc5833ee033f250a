-- What linking asks for first.  $1 user
SELECT u.is_verified, cabinet.password_of(u.id) FROM public.users AS u WHERE u.id = $1::bigint
