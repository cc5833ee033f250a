-- Ends the sessions of a user who may not sign in any more.  $1 user
DELETE FROM public.sessions AS s
 USING public.users AS u
 WHERE u.id = $1::bigint AND s.user_id = u.id AND (u.banned_at IS NOT NULL OR u.deleted_at IS NOT NULL)
