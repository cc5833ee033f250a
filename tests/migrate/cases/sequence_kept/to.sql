CREATE TABLE t (b int);
CREATE SEQUENCE t_a_seq AS integer;
