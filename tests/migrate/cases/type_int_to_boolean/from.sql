CREATE TABLE t (id serial PRIMARY KEY, c integer);
INSERT INTO t (c) VALUES (1);
INSERT INTO t (c) VALUES (0);
