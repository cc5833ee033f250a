-- Removes up to 1,000 sessions that have expired; their count.
WITH expired AS (
    SELECT s.id FROM public.sessions s WHERE s.expires <= now() ORDER BY s.expires LIMIT 1000 FOR UPDATE SKIP LOCKED
), removed AS (
    DELETE FROM public.sessions s USING expired e WHERE s.id = e.id RETURNING 1
)
SELECT count(*) FROM removed
