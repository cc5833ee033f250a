CREATE TABLE t (id serial PRIMARY KEY, c json);
INSERT INTO t (c) VALUES ('{"a":1}');
