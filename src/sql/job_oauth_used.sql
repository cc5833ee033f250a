-- Removes up to 1,000 attempts to sign in at a provider that are too old to be used; their count.
WITH expired AS (
    SELECT o.hash FROM public.oauth_used AS o WHERE o.expires <= now() ORDER BY o.expires LIMIT 1000
       FOR UPDATE SKIP LOCKED
), removed AS (
    DELETE FROM public.oauth_used AS o USING expired AS e WHERE o.hash = e.hash RETURNING 1
)
SELECT count(*) FROM removed
