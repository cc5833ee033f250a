-- For an account made by the statement before.  $1 e-mail, $2 hash; returns the user
SELECT u.id, cabinet.password_set(u.id, $2::text)
  FROM public.users AS u
 WHERE lower(u.email) = lower($1::text) AND u.deleted_at IS NULL
