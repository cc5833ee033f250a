CREATE TABLE t (id serial PRIMARY KEY, c interval day to second(2));
