CREATE TABLE t (c text, b int, a int);
