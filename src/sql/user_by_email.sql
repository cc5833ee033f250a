-- $1 e-mail
SELECT u.id, u.email, u.username, u.is_verified, u.is_superuser,
       replace(to_jsonb(u.date_created) #>> '{}', '+00:00', 'Z')
  FROM public.users AS u
 WHERE lower(u.email) = lower($1::text) AND u.deleted_at IS NULL
