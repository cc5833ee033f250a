CREATE TABLE t (id integer PRIMARY KEY, a text, b integer);
INSERT INTO t VALUES (1, 'x', 10), (2, 'y', 20), (3, NULL, NULL);
CREATE TABLE u (id bigint PRIMARY KEY);
ALTER TABLE t ADD COLUMN u_id bigint REFERENCES u;
