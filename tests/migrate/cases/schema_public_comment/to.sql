COMMENT ON SCHEMA public IS 'ours';
GRANT CREATE ON SCHEMA public TO cabinet_app;
