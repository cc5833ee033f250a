CREATE TABLE t (a text, b varchar(10), n numeric(4,1));
