CREATE TABLE base (id int, a text CHECK (a <> ''));
