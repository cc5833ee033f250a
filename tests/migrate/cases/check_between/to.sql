CREATE TABLE t (a int, s varchar(9), CHECK (a BETWEEN 1 AND 5 AND s <> ''), CHECK (a NOT BETWEEN 7 AND 9 OR s = 'x'), CHECK ((a, s) = (1, 'q') AND a > 0));
