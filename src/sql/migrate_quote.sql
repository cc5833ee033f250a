-- $1 a name.  The same, in quotes where it needs them.
SELECT quote_ident($1::text) AS name
