CREATE TABLE t (id integer PRIMARY KEY, a text, b integer);
INSERT INTO t VALUES (1, 'x', 10), (2, 'y', 20), (3, NULL, NULL);
ALTER TABLE t ADD j jsonb, ADD v tsvector;
CREATE INDEX ON t USING gin (j jsonb_path_ops);
CREATE INDEX ON t USING gin (v);
CREATE INDEX ON t USING gin (to_tsvector('english', a));
