CREATE TABLE t (id serial PRIMARY KEY, c timestamptz(3) DEFAULT now());
