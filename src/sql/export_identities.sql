-- $1 user; one JSON array
SELECT COALESCE(jsonb_agg(jsonb_build_object(
           'provider', i.provider, 'issuer', i.issuer, 'subject', i.subject, 'email', i.email,
           'date_created', replace(to_jsonb(i.date_created) #>> '{}', '+00:00', 'Z')) ORDER BY i.date_created, i.id), '[]')
  FROM public.user_identities AS i
 WHERE i.user_id = $1::bigint
