CREATE TABLE t (id serial PRIMARY KEY, c timestamp);
INSERT INTO t (c) VALUES ('2020-01-01');
