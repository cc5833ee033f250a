CREATE TABLE t (id serial PRIMARY KEY, c boolean);
INSERT INTO t (c) VALUES (true);
