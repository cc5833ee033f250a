CREATE TABLE t (id serial PRIMARY KEY, c char(5));
INSERT INTO t (c) VALUES ('abc');
