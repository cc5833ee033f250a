-- Lets one change of a user's sessions and secrets happen at a time.  $1 user
SELECT u.id FROM public.users AS u WHERE u.id = $1::bigint FOR NO KEY UPDATE
