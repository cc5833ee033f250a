CREATE TABLE t (id integer PRIMARY KEY, a text, b integer);
INSERT INTO t VALUES (1, 'x', 10), (2, 'y', 20), (3, NULL, NULL);
CREATE TABLE v0 (a int, b text);
CREATE TYPE e AS ENUM ('a', 'b');
CREATE TABLE te (id int PRIMARY KEY, s e, l e[]);
CREATE VIEW v AS SELECT * FROM t;
CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $$SELECT 1$$;
