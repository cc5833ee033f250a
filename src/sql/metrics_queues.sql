-- Queues of ours: metric, type, help, label name, label value, figure.  Takes no values.
WITH m (metric, type, help, label, value, figure) AS (
    SELECT 'cabinet_mail_queue', 'gauge', 'Mails that wait: due now, later, or being sent.', 'state', s.state,
           count(o.id)::text
      FROM (VALUES ('due'), ('later'), ('sending')) AS s (state)
      LEFT JOIN public.mail_outbox AS o
             ON o.status IN ('queued', 'sending')
            AND s.state = CASE WHEN o.status = 'sending' THEN 'sending' WHEN o.next_try <= now() THEN 'due'
                               ELSE 'later' END
     GROUP BY s.state
    UNION ALL
    SELECT 'cabinet_mail_oldest_due_seconds', 'gauge', 'How long the oldest mail that is due has waited.', NULL, NULL,
           coalesce(round(extract(epoch FROM now() - min(o.next_try)), 3), 0)::text
      FROM public.mail_outbox AS o
     WHERE o.status = 'queued' AND o.next_try <= now()
    UNION ALL
    SELECT 'cabinet_mail_failed', 'gauge', 'Mails given up of late.', NULL, NULL, count(*)::text
      FROM public.mail_outbox AS o
     WHERE o.status = 'failed'
    UNION ALL
    SELECT 'cabinet_audit_months_ahead', 'gauge', 'Months from now on that the audit trail has partitions for.', NULL,
           NULL, count(*)::text
      FROM generate_series(0, 24) AS g (n)
     WHERE to_regclass('cabinet.audit_logs_' || to_char((now() AT TIME ZONE 'UTC') + make_interval(months => g.n),
                                                        'YYYY_MM')) IS NOT NULL
    UNION ALL
    SELECT 'cabinet_audit_default_bytes', 'gauge',
           'Size of the default partition of the audit trail; above 0, entries came whose month was missing.', NULL,
           NULL, pg_catalog.pg_relation_size('cabinet.audit_logs_default')::text
    UNION ALL
    SELECT 'cabinet_audit_bytes', 'gauge', 'Size of the audit trail with its indexes.', NULL, NULL,
           coalesce(sum(pg_catalog.pg_total_relation_size(i.inhrelid)), 0)::text
      FROM pg_catalog.pg_inherits AS i
     WHERE i.inhparent = 'public.audit_logs'::regclass
    UNION ALL
    SELECT 'cabinet_sessions', 'gauge', 'Sessions in the database, about (planner statistics).', NULL, NULL,
           greatest(c.reltuples, 0)::bigint::text
      FROM pg_catalog.pg_class AS c
     WHERE c.oid = 'public.sessions'::regclass
)
SELECT m.metric, m.type, m.help, m.label, m.value, m.figure FROM m;
