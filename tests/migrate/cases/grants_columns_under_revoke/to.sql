CREATE TABLE t (a int, b int, c int);
CREATE VIEW v AS SELECT a, b FROM t;
GRANT INSERT (a), UPDATE (c) ON t TO cabinet_app WITH GRANT OPTION;
GRANT SELECT (b) ON v TO PUBLIC;
GRANT SELECT (a), UPDATE (b) ON v TO cabinet_app;
