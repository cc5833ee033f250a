CREATE TABLE t (id serial PRIMARY KEY, c text);
INSERT INTO t (c) VALUES ('{}');
INSERT INTO t (c) VALUES (NULL);
