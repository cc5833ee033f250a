CREATE TABLE t (id serial PRIMARY KEY, c text COLLATE "C");
INSERT INTO t (c) VALUES ('a');
