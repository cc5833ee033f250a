CREATE TABLE t (id serial PRIMARY KEY, c jsonb);
INSERT INTO t (c) VALUES ('{"a":1}');
