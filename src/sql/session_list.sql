-- $1 user
SELECT s.id, replace(to_jsonb(s.date_created) #>> '{}', '+00:00', 'Z'),
       replace(to_jsonb(s.last_used) #>> '{}', '+00:00', 'Z'),
       replace(to_jsonb(s.expires) #>> '{}', '+00:00', 'Z'), host(s.ip), s.user_agent
  FROM public.sessions AS s
 WHERE s.user_id = $1::bigint AND s.expires > now()
 ORDER BY s.last_used DESC, s.id
