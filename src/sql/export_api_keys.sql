-- $1 user; one JSON array
SELECT COALESCE(jsonb_agg(jsonb_build_object(
           'id', k.id, 'name', k.name, 'prefix', k.prefix, 'scopes', k.scopes,
           'date_created', replace(to_jsonb(k.date_created) #>> '{}', '+00:00', 'Z'),
           'date_rotated', replace(to_jsonb(k.date_rotated) #>> '{}', '+00:00', 'Z'),
           'expires', replace(to_jsonb(k.expires) #>> '{}', '+00:00', 'Z'),
           'last_used', replace(to_jsonb(k.last_used) #>> '{}', '+00:00', 'Z')) ORDER BY k.id), '[]')
  FROM public.api_keys AS k
 WHERE k.user_id = $1::bigint
