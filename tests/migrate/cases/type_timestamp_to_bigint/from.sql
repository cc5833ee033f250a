CREATE TABLE t (id serial PRIMARY KEY, c timestamptz);
INSERT INTO t (c) VALUES ('1970-01-02 00:00:00+00');
