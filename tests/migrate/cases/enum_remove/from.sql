CREATE TYPE e AS ENUM ('a', 'b', 'c');
CREATE TABLE t (id int PRIMARY KEY, s e NOT NULL DEFAULT 'b', l e[]);
INSERT INTO t VALUES (1, 'a', '{a,b}'), (2, 'c', NULL);
CREATE VIEW v AS SELECT s FROM t WHERE s = 'a';
CREATE INDEX ON t (s) WHERE s = 'b';
CREATE FUNCTION f(e) RETURNS e LANGUAGE sql AS $$SELECT $1$$;
