CREATE TABLE visits (place int NOT NULL, day date NOT NULL, note text, PRIMARY KEY (place, day)) PARTITION BY RANGE (day);
CREATE TABLE visits_old PARTITION OF visits FOR VALUES FROM (MINVALUE) TO ('2020-01-01');
CREATE TABLE visits_new PARTITION OF visits FOR VALUES FROM ('2020-01-01') TO (MAXVALUE);
CREATE INDEX visits_note ON visits (note);
INSERT INTO visits VALUES (1, '2019-05-05', 'a'), (2, '2021-05-05', 'b');
