-- Casts that a type change may take without being asked for.
SELECT format_type(castsource, NULL) AS source, format_type(casttarget, NULL) AS target, castcontext AS context
FROM pg_cast
