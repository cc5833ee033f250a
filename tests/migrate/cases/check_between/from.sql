CREATE TABLE t (a int, s varchar(9));
