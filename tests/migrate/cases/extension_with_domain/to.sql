CREATE EXTENSION cube;
CREATE EXTENSION earthdistance;
CREATE TABLE t (a int, place earth);
CREATE INDEX ON t USING gist (place);
COMMENT ON EXTENSION cube IS 'for places';
