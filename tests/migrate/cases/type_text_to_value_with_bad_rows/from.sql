CREATE TABLE t (a text, b text NOT NULL, c varchar(40), d text, e text, f text);
INSERT INTO t VALUES ('1', '2', '3.5', '2024-01-01', 'yes', '00000000-0000-0000-0000-000000000001'),
    ('x', '', '1e9', 'soon', 'maybe', 'none'), ('99999999999', '7', NULL, NULL, NULL, NULL);
