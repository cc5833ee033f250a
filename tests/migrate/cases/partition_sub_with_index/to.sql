CREATE TABLE visit (id int, place int, note text) PARTITION BY RANGE (id);
CREATE INDEX visit_note ON visit (note);
CREATE TABLE visit_1 PARTITION OF visit FOR VALUES FROM (0) TO (10) PARTITION BY LIST (place);
CREATE TABLE visit_1_rest PARTITION OF visit_1 DEFAULT;
