-- Removes up to 1,000 API keys that expired 30 days ago; their count.
WITH expired AS (
    SELECT k.id FROM public.api_keys AS k
     WHERE k.expires < now() - interval '30 days' LIMIT 1000 FOR UPDATE SKIP LOCKED
), removed AS (
    DELETE FROM public.api_keys AS k USING expired AS e WHERE k.id = e.id RETURNING 1
)
SELECT count(*) FROM removed
