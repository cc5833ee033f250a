CREATE TABLE t (id serial PRIMARY KEY, c varchar(10) NOT NULL DEFAULT 'x' CHECK (c <> ''));
INSERT INTO t (c) VALUES ('abc');
