CREATE TABLE t (h jsonb);
