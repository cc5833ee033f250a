CREATE TABLE t (a text) WITH (autovacuum_vacuum_scale_factor = 0.1, fillfactor = 80, toast.autovacuum_enabled = off);
