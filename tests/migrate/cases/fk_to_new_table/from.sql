CREATE TABLE customers (id int PRIMARY KEY);
CREATE TABLE orders (id int PRIMARY KEY, customer int REFERENCES customers ON DELETE CASCADE);
INSERT INTO customers VALUES (1), (2);
INSERT INTO orders VALUES (10, 1), (11, NULL);
