CREATE TABLE visits (place int NOT NULL, day date NOT NULL, note text, PRIMARY KEY (place, day)) PARTITION BY RANGE (day);
CREATE TABLE visits_old PARTITION OF visits FOR VALUES FROM (MINVALUE) TO ('2020-01-01');
CREATE TABLE visits_new PARTITION OF visits FOR VALUES FROM ('2020-01-01') TO (MAXVALUE);
CREATE INDEX visits_note ON visits (note);
ALTER INDEX visits_old_note_idx RENAME TO old_notes;
ALTER TABLE visits_new RENAME CONSTRAINT visits_new_pkey TO "new places";
COMMENT ON INDEX old_notes IS 'of the old ones';
