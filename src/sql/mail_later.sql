-- Ends an attempt that is to be repeated.  $1 mail, $2 attempt, $3 pause in seconds, $4 reason
UPDATE public.mail_outbox AS m
   SET status = 'queued', next_try = now() + make_interval(secs => $3::bigint), last_error = $4::text
 WHERE m.id = $1::bigint AND m.status = 'sending' AND m.attempts = $2::integer
