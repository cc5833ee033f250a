-- Removes up to 1,000 tokens that expired a day ago; their count.
WITH old AS (
    SELECT t.id FROM public.one_time_tokens AS t
     WHERE t.expires < now() - interval '1 day'
     ORDER BY t.expires LIMIT 1000 FOR UPDATE SKIP LOCKED
), removed AS (
    DELETE FROM public.one_time_tokens AS t USING old AS o WHERE t.id = o.id RETURNING 1
)
SELECT count(*) FROM removed
