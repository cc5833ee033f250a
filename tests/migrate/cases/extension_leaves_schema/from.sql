CREATE SCHEMA things;
CREATE EXTENSION hstore SCHEMA things;
CREATE TABLE t (h things.hstore);
CREATE INDEX ON t USING gin (h);
