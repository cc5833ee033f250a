-- Stamps: revisions $1 with the checksums $2 of their files, tool $3.
INSERT INTO cabinet.migration_log
       (revision, direction, segment, segments, statements_done, file_sha256, ok, tool, finished_at)
SELECT s.revision, 'stamp', 1, 1, 0, s.file_sha256, true, $3::text, clock_timestamp()
  FROM unnest($1::text[], $2::text[]) AS s (revision, file_sha256)
