CREATE TABLE t (id serial PRIMARY KEY, c integer NOT NULL);
INSERT INTO t (c) VALUES (1);
