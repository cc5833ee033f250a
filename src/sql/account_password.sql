-- What a change of password needs to know.  $1 user
SELECT u.email, u.username, cabinet.password_of(u.id)
  FROM public.users AS u
 WHERE u.id = $1::bigint
