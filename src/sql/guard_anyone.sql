-- Raises CB410 where the catalog's generation is not the planned one; nobody is signed in.
-- $1 generation of the catalog, $2 request id, $3 address or null
SELECT set_config('cabinet.actor', '', true),
       set_config('cabinet.request_id', $2::text, true),
       set_config('cabinet.ip', coalesce($3::text, ''), true),
       CASE WHEN cabinet.generation() <> $1::bigint THEN cabinet.guard_failed(NULL, NULL, NULL, $1::bigint) END
