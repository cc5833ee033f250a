CREATE TABLE t (id serial PRIMARY KEY, c varchar(10) DEFAULT 'x');
INSERT INTO t (c) VALUES ('abc');
