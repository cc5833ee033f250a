-- As guard_read, and tells the audit triggers who it is, until the end of the transaction.
-- $1 session, $2 its user, $3 whether a superuser, $4 generation of the catalog, $5 request id, $6 address or null
SELECT set_config('cabinet.actor', ($2::bigint)::text, true),
       set_config('cabinet.request_id', $5::text, true),
       set_config('cabinet.ip', coalesce($6::text, ''), true),
       CASE WHEN cabinet.generation() <> $4::bigint
              OR NOT EXISTS (SELECT FROM public.sessions AS s
                               JOIN public.users AS u ON u.id = s.user_id
                              WHERE s.id = $1::uuid AND s.user_id = $2::bigint AND s.expires > now()
                                AND u.deleted_at IS NULL AND u.banned_at IS NULL AND u.is_superuser = $3::boolean)
            THEN cabinet.guard_failed($1::uuid, $2::bigint, $3::boolean, $4::bigint) END
