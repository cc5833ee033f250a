CREATE DOMAIN grade AS int;
CREATE TYPE pair AS (a grade, b text);
CREATE TABLE t (id int, grades grade[], one grade, "both" pair);
CREATE VIEW v AS SELECT one, grades FROM t;
INSERT INTO t VALUES (1, '{2,3}', 4, ROW(5, 'x'));
