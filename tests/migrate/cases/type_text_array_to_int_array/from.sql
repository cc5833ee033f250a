CREATE TABLE t (id serial PRIMARY KEY, c text[]);
INSERT INTO t (c) VALUES ('{1,2}');
