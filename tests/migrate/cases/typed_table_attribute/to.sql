CREATE TYPE person AS (name text, born date, town text);
CREATE TABLE people OF person (name WITH OPTIONS PRIMARY KEY, town WITH OPTIONS DEFAULT 'here');
CREATE TABLE friends OF person;
