CREATE TYPE e AS ENUM ('a', 'c');
CREATE TABLE t (id int PRIMARY KEY, s e, l e[]);
INSERT INTO t VALUES (1, 'a', '{c}');
