CREATE TABLE t (a int, b text);
CREATE PUBLICATION p FOR TABLE t (a) WHERE (a > 0) WITH (publish = 'insert, update');
CREATE PUBLICATION q FOR TABLES IN SCHEMA public;
