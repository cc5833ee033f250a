-- $1 username
SELECT EXISTS (SELECT FROM public.users AS u WHERE lower(u.username) = lower($1::text) AND u.deleted_at IS NULL)
