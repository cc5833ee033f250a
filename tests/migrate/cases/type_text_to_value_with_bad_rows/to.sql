CREATE TABLE t (a int, b bigint NOT NULL, c numeric, d date, e boolean, f uuid);
