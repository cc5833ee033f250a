-- One row where the schema is there: catalog generation, revisions it is at, whether the audit trail has partitions for
-- this month and the next, size of its default partition.  Takes no values.
SELECT c.generation, array_to_string(cabinet.schema_revisions(), ',') AS revisions,
       to_regclass('cabinet.audit_logs_' || to_char(now() AT TIME ZONE 'UTC', 'YYYY_MM')) IS NOT NULL
       AND to_regclass('cabinet.audit_logs_' || to_char((now() AT TIME ZONE 'UTC') + interval '1 month', 'YYYY_MM'))
           IS NOT NULL AS has_partitions,
       pg_catalog.pg_relation_size('cabinet.audit_logs_default') AS default_bytes
  FROM cabinet.catalog_state AS c;
