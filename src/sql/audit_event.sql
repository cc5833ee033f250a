-- $1 action, $2 user concerned, $3 who did it, $4 success, $5 detail as JSON, $6 address, $7 user agent, $8 request id,
-- $9 a session, or null: the event is recorded only while the user concerned has that session
INSERT INTO public.audit_logs (action, user_id, actor_id, success, after, ip, user_agent, request_id)
SELECT $1::text, $2::bigint, $3::bigint, $4::boolean, $5::jsonb, $6::inet, left($7::text, 512), $8::text
 WHERE $9::uuid IS NULL OR EXISTS (SELECT FROM public.sessions AS s WHERE s.id = $9::uuid AND s.user_id = $2::bigint)
