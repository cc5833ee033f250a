-- Ends an attempt for good, and forgets what the mail said.  $1 mail, $2 attempt, $3 status, $4 reason or null
UPDATE public.mail_outbox AS m
   SET status = $3::text, date_done = now(), last_error = $4::text, facts = '{}', token_seed = NULL, token_hash = NULL
 WHERE m.id = $1::bigint AND m.status = 'sending' AND m.attempts = $2::integer
