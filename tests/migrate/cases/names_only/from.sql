CREATE TABLE cities (id int CONSTRAINT cities_key PRIMARY KEY, zip text CONSTRAINT one_zip UNIQUE, size int CONSTRAINT has_size CHECK (size > 0));
CREATE TABLE streets (city int CONSTRAINT of_city REFERENCES cities, name text);
CREATE INDEX by_city ON streets (city, name DESC);
CREATE UNIQUE INDEX by_name ON streets (lower(name)) WHERE city > 0;
ALTER TABLE streets CLUSTER ON by_city;
COMMENT ON INDEX by_city IS 'kept';
COMMENT ON CONSTRAINT of_city ON streets IS 'kept too';
INSERT INTO cities VALUES (1, 'x', 3);
INSERT INTO streets VALUES (1, 'High Street');
