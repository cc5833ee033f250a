-- Takes the mail that is due longest, for as long as sending it may take: a sender that dies leaves it to the next one.
-- $1 seconds.  Returns its number and attempt, what it says, and whether it is too old and its token still good.
WITH due AS (
    SELECT m.id FROM public.mail_outbox AS m
     WHERE m.status IN ('queued', 'sending') AND m.next_try <= now()
     ORDER BY m.next_try, m.id LIMIT 1 FOR UPDATE SKIP LOCKED
)
UPDATE public.mail_outbox AS m
   SET status = 'sending', attempts = m.attempts + 1, next_try = now() + make_interval(secs => $1::bigint)
  FROM due AS d
 WHERE m.id = d.id
RETURNING m.id, m.attempts, m.kind, m.recipient, m.message,
          to_char(m.date_created AT TIME ZONE 'UTC', 'Dy, DD Mon YYYY HH24:MI:SS "+0000"'),
          to_char(m.date_created AT TIME ZONE 'UTC', 'YYYYMMDD"T"HH24MISS"Z"'),
          m.facts ->> 'username', m.facts ->> 'email', m.facts ->> 'when', m.facts ->> 'days',
          encode(m.token_seed, 'hex'), encode(m.token_hash, 'hex'), m.date_created < now() - interval '3 days',
          m.token_hash IS NULL OR EXISTS (SELECT FROM public.one_time_tokens AS t
                                           WHERE t.token_hash = m.token_hash AND t.used_at IS NULL
                                             AND t.expires > cabinet.now())
