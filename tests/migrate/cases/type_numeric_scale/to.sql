CREATE TABLE t (id serial PRIMARY KEY, c numeric(12,4) DEFAULT 0.00);
