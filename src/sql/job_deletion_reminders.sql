-- Reminds of deletions that are three days or one day away, each once; how many were reminded.
-- $1 days between the wish and the deletion: who was told less than so many days before is not reminded of them
WITH reminded AS (
    INSERT INTO public.mail_outbox (user_id, kind, recipient, facts, once)
    SELECT u.id, 'deletion_reminder', u.email,
           jsonb_build_object('username', u.username, 'days', d.days,
                              'when', to_char(u.deletion_scheduled_for AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI "UTC"')),
           'deletion_reminder ' || u.id || ' ' || extract(epoch FROM u.deletion_scheduled_for) || ' ' || d.days
      FROM public.users AS u
     CROSS JOIN (VALUES (3, 1), (1, 0)) AS d (days, next)
     WHERE u.deleted_at IS NULL AND d.days < $1::integer
       AND u.deletion_scheduled_for > cabinet.now() + make_interval(days => d.next)
       AND u.deletion_scheduled_for <= cabinet.now() + make_interval(days => d.days)
    ON CONFLICT (once) WHERE once IS NOT NULL DO NOTHING
    RETURNING 1
)
SELECT count(*) FROM reminded
