CREATE TYPE c AS (a int, b text);
CREATE TABLE t (x c);
INSERT INTO t VALUES ('(1,q)');
