-- $1 session, $2 its user; returns the session
DELETE FROM public.sessions AS s WHERE s.id = $1::uuid AND s.user_id = $2::bigint RETURNING s.id
