-- The same for an account made before in the transaction.
-- $1 action, $2 its e-mail, $3 address, $4 user agent, $5 request id
INSERT INTO public.audit_logs (action, user_id, actor_id, success, ip, user_agent, request_id)
SELECT $1::text, u.id, u.id, true, $3::inet, left($4::text, 512), $5::text
  FROM public.users AS u
 WHERE lower(u.email) = lower($2::text) AND u.deleted_at IS NULL
