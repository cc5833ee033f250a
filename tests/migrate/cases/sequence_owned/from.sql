CREATE SEQUENCE s;
CREATE TABLE t (a int, b int);
