CREATE TABLE t (id serial PRIMARY KEY, c varchar(20) DEFAULT 'x');
