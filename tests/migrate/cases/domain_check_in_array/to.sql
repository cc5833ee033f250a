CREATE DOMAIN grade AS int CONSTRAINT positive CHECK (value > 0);
CREATE TYPE pair AS (a grade, b text);
CREATE TABLE t (id int, grades grade[], one grade, "both" pair);
CREATE VIEW v AS SELECT one, grades FROM t;
