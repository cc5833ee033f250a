CREATE TYPE c AS (a int, "B b" text COLLATE "C");
CREATE FUNCTION f() RETURNS c LANGUAGE sql AS $$SELECT (1, 'x')::c$$;
