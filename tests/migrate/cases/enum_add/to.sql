CREATE TYPE e AS ENUM ('a', 'b', 'c', 'd');
CREATE TABLE t (id int PRIMARY KEY, s e, l e[]);
