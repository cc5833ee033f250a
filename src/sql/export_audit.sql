-- What was done to and by a user.  Of what was done to others their data stays out, of what others did to the user
-- where they were.  $1 user, $2 names of columns that the user may not read, as JSON; one JSON array
SELECT COALESCE(jsonb_agg(jsonb_build_object(
           'id', l.id, 'date_created', replace(to_jsonb(l.date_created) #>> '{}', '+00:00', 'Z'),
           'action', l.action, 'table_name', l.table_name, 'row_key', l.row_key, 'success', l.success,
           'by_you', l.actor_id IS NOT DISTINCT FROM $1::bigint,
           'before', CASE WHEN l.user_id = $1::bigint AND jsonb_typeof(l.before) = 'object' THEN l.before - h.names END,
           'after', CASE WHEN l.user_id = $1::bigint AND jsonb_typeof(l.after) = 'object' THEN l.after - h.names END,
           'ip', CASE WHEN COALESCE(l.actor_id, $1::bigint) = $1::bigint THEN host(l.ip) END,
           'user_agent', CASE WHEN COALESCE(l.actor_id, $1::bigint) = $1::bigint THEN l.user_agent END)
           ORDER BY l.date_created, l.id), '[]')
  FROM public.audit_logs AS l
 CROSS JOIN (SELECT ARRAY(SELECT jsonb_array_elements_text($2::jsonb)) AS names) AS h
 WHERE l.user_id = $1::bigint OR l.actor_id = $1::bigint
