CREATE TABLE t (a int, g int);
