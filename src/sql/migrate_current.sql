-- The revisions the database is at, one for each head.
SELECT v.revision FROM cabinet.version AS v ORDER BY v.revision
