CREATE TABLE t (id integer PRIMARY KEY, a text, b integer);
INSERT INTO t VALUES (1, 'x', 10), (2, 'y', 20), (3, NULL, NULL);
COMMENT ON TABLE t IS E'line\nnext \\ ''q''';
COMMENT ON COLUMN t.b IS 'b';
COMMENT ON CONSTRAINT t_pkey ON t IS 'key';
COMMENT ON INDEX t_pkey IS 'index of the key';
