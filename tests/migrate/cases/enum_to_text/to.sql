CREATE TABLE t (id int PRIMARY KEY, s text DEFAULT 'a', l text[]);
