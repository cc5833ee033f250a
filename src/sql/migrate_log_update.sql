-- Entry $1: statements done $2, ok $3 (null while it runs), error $4.
UPDATE cabinet.migration_log
   SET statements_done = $2::integer, ok = $3::boolean, error = $4::text,
       finished_at = CASE WHEN $3::boolean IS NOT NULL THEN clock_timestamp() END
 WHERE id = $1::bigint
