-- Removes up to 1,000 mails that were done with 30 days ago; their count.
WITH old AS (
    SELECT m.id FROM public.mail_outbox AS m
     WHERE m.status IN ('sent', 'failed', 'void') AND m.date_created < now() - interval '30 days'
     ORDER BY m.date_created, m.id LIMIT 1000 FOR UPDATE SKIP LOCKED
), removed AS (
    DELETE FROM public.mail_outbox AS m USING old AS o WHERE m.id = o.id RETURNING 1
)
SELECT count(*) FROM removed
