-- What the schema has, as far as the runner touches it itself.
SELECT to_regclass('cabinet.catalog_state') IS NOT NULL AS has_generation,
       to_regprocedure('cabinet.audit_partitions_ensure(integer)') IS NOT NULL AS has_partitions
