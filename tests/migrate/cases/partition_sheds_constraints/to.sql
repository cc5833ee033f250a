CREATE TABLE kind (id int PRIMARY KEY);
CREATE TABLE event (id int, kind int REFERENCES kind, CONSTRAINT event_positive CHECK (id >= 0)) PARTITION BY LIST (id);
CREATE TABLE event_1 (id int, kind int);
INSERT INTO event_1 VALUES (1);
