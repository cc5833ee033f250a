CREATE TABLE visit (id int, place int, note text) PARTITION BY RANGE (id);
CREATE INDEX visit_note ON visit (note);
