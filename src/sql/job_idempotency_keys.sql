-- Removes up to 1,000 answers that are older than a day; their count.
WITH old AS (
    SELECT k.scope FROM public.idempotency_keys AS k WHERE k.date_created <= now() - interval '24 hours'
     ORDER BY k.date_created LIMIT 1000 FOR UPDATE SKIP LOCKED
), removed AS (
    DELETE FROM public.idempotency_keys AS k USING old AS o WHERE k.scope = o.scope RETURNING 1
)
SELECT count(*) FROM removed
