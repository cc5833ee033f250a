CREATE TABLE t (id integer PRIMARY KEY, a text, b integer);
INSERT INTO t VALUES (1, 'x', 10), (2, 'y', 20), (3, NULL, NULL);
CREATE POLICY p ON t AS RESTRICTIVE FOR UPDATE TO cabinet_app, cabinet_owner USING (b > 0) WITH CHECK (b > 1);
CREATE POLICY "P 2" ON t FOR INSERT WITH CHECK (a = CURRENT_USER);
