CREATE TABLE t (id serial PRIMARY KEY, c bit varying(16));
