CREATE TABLE t (id serial PRIMARY KEY, c double precision);
INSERT INTO t (c) VALUES (1.5);
