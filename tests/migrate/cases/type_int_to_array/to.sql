CREATE TABLE t (id serial PRIMARY KEY, c integer[]);
