-- One segment: revision $1, direction $2, its number $3 of $4, statements done $5, checksums of segment $6 and file $7,
-- ok $8 (null while it runs), error $9, tool $10, seconds since it began $11.
INSERT INTO cabinet.migration_log
       (revision, direction, segment, segments, statements_done, statement_sha256, file_sha256, ok, error, tool,
        started_at, finished_at)
VALUES ($1::text, $2::text, $3::integer, $4::integer, $5::integer, $6::text, $7::text, $8::boolean, $9::text,
        $10::text, clock_timestamp() - make_interval(secs => $11::double precision),
        CASE WHEN $8::boolean IS NOT NULL THEN clock_timestamp() END)
RETURNING id
