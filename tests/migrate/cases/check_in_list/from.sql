CREATE TABLE t (s varchar(9) CHECK (s IN ('a', 'b')), c char(1));
