CREATE TABLE t (a int, b text);
CREATE VIEW v AS SELECT a, upper(b) AS "Up b" FROM t;
