-- Who reads.
SELECT quote_ident(current_user)
