-- $1 user
SELECT i.id, i.provider, i.email, replace(to_jsonb(i.date_created) #>> '{}', '+00:00', 'Z')
  FROM public.user_identities AS i
 WHERE i.user_id = $1::bigint
 ORDER BY i.date_created, i.id
