CREATE TABLE t (id serial PRIMARY KEY, c interval);
INSERT INTO t (c) VALUES ('1 day');
