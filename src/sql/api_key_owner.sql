-- $1 key
SELECT k.user_id FROM public.api_keys AS k WHERE k.id = $1::bigint
