CREATE TYPE c AS (a int, d date, e numeric(4,1));
CREATE TABLE t (x c);
