CREATE TABLE t (id serial PRIMARY KEY, c timestamp DEFAULT now());
INSERT INTO t (c) VALUES ('2020-01-01');
