CREATE FUNCTION le(text, integer) RETURNS boolean IMMUTABLE LANGUAGE sql AS $$SELECT length($1) <= $2$$;
CREATE OPERATOR <<= (FUNCTION = le, LEFTARG = text, RIGHTARG = integer);
CREATE TYPE pair AS (a int, b int);
CREATE FUNCTION to_text(pair) RETURNS text IMMUTABLE LANGUAGE sql AS $$SELECT ''::text$$;
CREATE CAST (pair AS text) WITH FUNCTION to_text(pair) AS ASSIGNMENT;
CREATE TABLE t (s text CHECK (s <<= 5));
