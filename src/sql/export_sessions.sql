-- $1 user; one JSON array
SELECT COALESCE(jsonb_agg(jsonb_build_object(
           'id', s.id, 'date_created', replace(to_jsonb(s.date_created) #>> '{}', '+00:00', 'Z'),
           'last_used', replace(to_jsonb(s.last_used) #>> '{}', '+00:00', 'Z'),
           'expires', replace(to_jsonb(s.expires) #>> '{}', '+00:00', 'Z'),
           'ip', host(s.ip), 'user_agent', s.user_agent) ORDER BY s.date_created, s.id), '[]')
  FROM public.sessions AS s
 WHERE s.user_id = $1::bigint
