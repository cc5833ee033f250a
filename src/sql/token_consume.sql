-- Uses a token up; raises CB400 where it is not good.  $1 its hash in hex, $2 kind
SELECT cabinet.token_consume(decode($1::text, 'hex'), $2::text)
