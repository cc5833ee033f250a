-- Ends a user's sessions but for one.  $1 user, $2 the session that stays, or null
DELETE FROM public.sessions AS s WHERE s.user_id = $1::bigint AND s.id IS DISTINCT FROM $2::uuid
