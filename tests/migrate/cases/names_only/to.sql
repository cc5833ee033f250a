CREATE TABLE cities (id int CONSTRAINT cities_pkey PRIMARY KEY, zip text CONSTRAINT "One Zip" UNIQUE, size int CONSTRAINT size_is CHECK (size > 0));
CREATE TABLE streets (city int CONSTRAINT streets_city REFERENCES cities, name text);
CREATE INDEX streets_by_city ON streets (city, name DESC);
CREATE UNIQUE INDEX streets_by_name ON streets (lower(name)) WHERE city > 0;
ALTER TABLE streets CLUSTER ON streets_by_city;
COMMENT ON INDEX streets_by_city IS 'kept';
COMMENT ON CONSTRAINT streets_city ON streets IS 'kept too';
