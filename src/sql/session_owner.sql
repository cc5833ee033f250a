-- $1 session
SELECT s.user_id FROM public.sessions AS s WHERE s.id = $1::uuid
