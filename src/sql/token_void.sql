-- Takes the open tokens of a user away.  $1 user, $2 their kind, or null for all
DELETE FROM public.one_time_tokens AS t
 WHERE t.user_id = $1::bigint AND t.used_at IS NULL AND t.kind = COALESCE($2::text, t.kind)
