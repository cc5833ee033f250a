-- $1 user
UPDATE public.users SET deletion_scheduled_for = NULL WHERE id = $1::bigint
