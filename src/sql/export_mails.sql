-- $1 user; one JSON array
SELECT COALESCE(jsonb_agg(jsonb_build_object(
           'date_created', replace(to_jsonb(m.date_created) #>> '{}', '+00:00', 'Z'),
           'kind', m.kind, 'recipient', m.recipient, 'status', m.status) ORDER BY m.id), '[]')
  FROM public.mail_outbox AS m
 WHERE m.user_id = $1::bigint
