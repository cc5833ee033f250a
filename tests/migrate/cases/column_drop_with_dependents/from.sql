CREATE TABLE t (id integer PRIMARY KEY, a text, b integer);
INSERT INTO t VALUES (1, 'x', 10), (2, 'y', 20), (3, NULL, NULL);
CREATE INDEX ON t (a, b);
ALTER TABLE t ADD CHECK (b > 0), ADD UNIQUE (b);
CREATE VIEW v AS SELECT id, b FROM t;
