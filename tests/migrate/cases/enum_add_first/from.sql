CREATE TYPE e AS ENUM ('b');
CREATE TABLE t (id int PRIMARY KEY, s e, l e[]);
