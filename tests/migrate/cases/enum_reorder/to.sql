CREATE TYPE e AS ENUM ('c', 'a', 'b');
CREATE TABLE t (id int PRIMARY KEY, s e, l e[]);
