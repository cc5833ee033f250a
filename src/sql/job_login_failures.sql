-- Removes up to 1,000 counts of failed logins that count no more; how many.
WITH old AS (
    SELECT f.name_code FROM public.login_failures AS f
     WHERE f.began < cabinet.now() - interval '2 hours' ORDER BY f.began LIMIT 1000 FOR UPDATE SKIP LOCKED
), removed AS (
    DELETE FROM public.login_failures AS f USING old AS o WHERE f.name_code = o.name_code RETURNING 1
)
SELECT count(*) FROM removed
