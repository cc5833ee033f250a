-- One row where the schema is there.
SELECT generation FROM cabinet.catalog_state
