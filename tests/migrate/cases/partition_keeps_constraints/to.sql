CREATE TABLE kind (id int PRIMARY KEY);
CREATE TABLE event (id int, kind int REFERENCES kind, CONSTRAINT event_positive CHECK (id >= 0)) PARTITION BY LIST (id);
CREATE TABLE event_1 PARTITION OF event FOR VALUES IN (1);
CREATE TABLE event_2 (id int, kind int, CONSTRAINT event_positive CHECK (id >= 0),
    CONSTRAINT event_kind_fkey FOREIGN KEY (kind) REFERENCES kind);
INSERT INTO kind VALUES (7);
INSERT INTO event VALUES (1, 7);
INSERT INTO event_2 VALUES (2, 7);
