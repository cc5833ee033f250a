-- Raised by every upgrade and downgrade.
SELECT s.generation FROM cabinet.catalog_state s
