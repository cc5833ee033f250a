CREATE TABLE t (id serial PRIMARY KEY, c bigint);
INSERT INTO t (c) VALUES (86400);
