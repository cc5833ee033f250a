-- For somebody who is known by an e-mail address only, which may have no account: it never succeeded then.
-- $1 action, $2 the address, $3 success, $4 address of the client, $5 user agent, $6 request id
INSERT INTO public.audit_logs (action, user_id, success, ip, user_agent, request_id)
SELECT $1::text, u.id, $3::boolean AND u.id IS NOT NULL, $4::inet, left($5::text, 512), $6::text
  FROM (VALUES (1)) AS one (n)
  LEFT JOIN public.users AS u ON lower(u.email) = lower($2::text) AND u.deleted_at IS NULL
