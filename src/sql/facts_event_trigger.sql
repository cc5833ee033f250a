-- Event triggers.
SELECT 'pg_event_trigger'::regclass::oid AS class, e.oid AS object, 0 AS sub, quote_ident(e.evtname) AS ident,
    quote_ident(pg_get_userbyid(e.evtowner)) AS owner, e.evtevent AS event, e.evtenabled AS enabled,
    format('%I.%I()', n.nspname, p.proname) AS function,
    (SELECT string_agg(quote_literal(u), ', ') FROM unnest(e.evttags) u) AS tags
FROM pg_event_trigger e
    JOIN pg_proc p ON p.oid = e.evtfoid
    JOIN pg_namespace n ON n.oid = p.pronamespace
