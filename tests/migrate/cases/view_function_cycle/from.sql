CREATE TABLE parts (id int, name text);
INSERT INTO parts VALUES (1, 'wheel');
