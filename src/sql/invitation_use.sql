-- $1 hash of the invitation in hex, $2 address of the account made before in the transaction
SELECT cabinet.invitation_use(decode($1::text, 'hex'), $2::text)
