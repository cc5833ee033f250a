CREATE TABLE t (id serial PRIMARY KEY, c text NOT NULL DEFAULT 'x' CHECK (c <> ''));
