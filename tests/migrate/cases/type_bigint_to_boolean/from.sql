CREATE TABLE t (id serial PRIMARY KEY, c bigint);
INSERT INTO t (c) VALUES (1);
INSERT INTO t (c) VALUES (0);
