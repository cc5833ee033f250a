-- $1 user, $2 whether to shut the user out
UPDATE public.users SET banned_at = CASE WHEN $2::boolean THEN COALESCE(banned_at, now()) END WHERE id = $1::bigint
