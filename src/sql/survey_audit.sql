-- The audit trail: first and last id, number of entries, and whether the next entry gets a higher id.
SELECT coalesce(min(a.id), 0) AS first, coalesce(max(a.id), 0) AS last, count(*) AS entries,
       coalesce(max(a.id), 0) <=
       coalesce(pg_catalog.pg_sequence_last_value(pg_catalog.pg_get_serial_sequence('public.audit_logs', 'id')::regclass), 0)
       AS goes_on
  FROM public.audit_logs AS a
