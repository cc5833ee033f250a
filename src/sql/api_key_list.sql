-- $1 user
SELECT k.id, k.name, k.prefix, array_to_json(k.scopes), replace(to_jsonb(k.date_created) #>> '{}', '+00:00', 'Z'),
       replace(to_jsonb(k.expires) #>> '{}', '+00:00', 'Z'), replace(to_jsonb(k.last_used) #>> '{}', '+00:00', 'Z'),
       replace(to_jsonb(k.date_rotated) #>> '{}', '+00:00', 'Z')
  FROM public.api_keys AS k
 WHERE k.user_id = $1::bigint
 ORDER BY k.id
