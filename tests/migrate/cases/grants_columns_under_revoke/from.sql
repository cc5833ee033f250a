CREATE TABLE t (a int, b int, c int);
CREATE VIEW v AS SELECT a, b FROM t;
GRANT ALL ON t TO cabinet_app;
GRANT SELECT, INSERT ON v TO cabinet_app;
GRANT UPDATE (c) ON t TO cabinet_app;
