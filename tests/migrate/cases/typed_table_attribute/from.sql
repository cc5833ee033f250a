CREATE TYPE person AS (name text, age int);
CREATE TABLE people OF person (name WITH OPTIONS PRIMARY KEY);
INSERT INTO people VALUES ('ann', 5);
