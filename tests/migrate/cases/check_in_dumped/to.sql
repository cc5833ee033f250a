CREATE TABLE t (s varchar(9) CHECK ((s)::text = ANY (ARRAY[('a'::varchar)::text, ('b'::varchar)::text])));
