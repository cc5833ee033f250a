-- cabinet migration
-- Revision: 5c00154202ed
-- Revises: 5d90c2e7a4b8
-- Create Date: 2026-11-28T13:22:00Z
-- Message: fewer calls in the audit functions
-- Line: cabinet

-- upgrade
SET LOCAL check_function_bodies = off;
CREATE OR REPLACE FUNCTION cabinet.changes_users()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
DECLARE
    old_part jsonb;
    new_part jsonb;
    is_moved boolean;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF OLD.id IS DISTINCT FROM NEW.id THEN
            old_part := coalesce(old_part, '{}') || jsonb_build_object('id', OLD.id, 'row_version', OLD.row_version);
            new_part := coalesce(new_part, '{}') || jsonb_build_object('id', NEW.id, 'row_version', NEW.row_version);
        END IF;
        IF OLD.email IS DISTINCT FROM NEW.email THEN
            old_part := coalesce(old_part, '{}') || jsonb_build_object('email', OLD.email, 'row_version', OLD.row_version);
            new_part := coalesce(new_part, '{}') || jsonb_build_object('email', NEW.email, 'row_version', NEW.row_version);
        END IF;
        IF OLD.username IS DISTINCT FROM NEW.username THEN
            old_part := coalesce(old_part, '{}') || jsonb_build_object('username', OLD.username, 'row_version', OLD.row_version);
            new_part := coalesce(new_part, '{}') || jsonb_build_object('username', NEW.username, 'row_version', NEW.row_version);
        END IF;
        IF OLD.is_verified IS DISTINCT FROM NEW.is_verified THEN
            old_part := coalesce(old_part, '{}') || jsonb_build_object('is_verified', OLD.is_verified, 'row_version', OLD.row_version);
            new_part := coalesce(new_part, '{}') || jsonb_build_object('is_verified', NEW.is_verified, 'row_version', NEW.row_version);
            is_moved := true;
        END IF;
        IF OLD.is_superuser IS DISTINCT FROM NEW.is_superuser THEN
            old_part := coalesce(old_part, '{}') || jsonb_build_object('is_superuser', OLD.is_superuser, 'row_version', OLD.row_version);
            new_part := coalesce(new_part, '{}') || jsonb_build_object('is_superuser', NEW.is_superuser, 'row_version', NEW.row_version);
            is_moved := true;
        END IF;
        IF OLD.oauth_provider IS DISTINCT FROM NEW.oauth_provider THEN
            old_part := coalesce(old_part, '{}') || jsonb_build_object('oauth_provider', OLD.oauth_provider, 'row_version', OLD.row_version);
            new_part := coalesce(new_part, '{}') || jsonb_build_object('oauth_provider', NEW.oauth_provider, 'row_version', NEW.row_version);
            is_moved := true;
        END IF;
        IF OLD.date_created IS DISTINCT FROM NEW.date_created THEN
            old_part := coalesce(old_part, '{}') || jsonb_build_object('date_created', OLD.date_created, 'row_version', OLD.row_version);
            new_part := coalesce(new_part, '{}') || jsonb_build_object('date_created', NEW.date_created, 'row_version', NEW.row_version);
            is_moved := true;
        END IF;
        IF OLD.deleted_at IS DISTINCT FROM NEW.deleted_at THEN
            old_part := coalesce(old_part, '{}') || jsonb_build_object('deleted_at', OLD.deleted_at, 'row_version', OLD.row_version);
            new_part := coalesce(new_part, '{}') || jsonb_build_object('deleted_at', NEW.deleted_at, 'row_version', NEW.row_version);
            is_moved := true;
        END IF;
        IF OLD.deletion_scheduled_for IS DISTINCT FROM NEW.deletion_scheduled_for THEN
            old_part := coalesce(old_part, '{}') || jsonb_build_object('deletion_scheduled_for', OLD.deletion_scheduled_for, 'row_version', OLD.row_version);
            new_part := coalesce(new_part, '{}') || jsonb_build_object('deletion_scheduled_for', NEW.deletion_scheduled_for, 'row_version', NEW.row_version);
        END IF;
        IF OLD.banned_at IS DISTINCT FROM NEW.banned_at THEN
            old_part := coalesce(old_part, '{}') || jsonb_build_object('banned_at', OLD.banned_at, 'row_version', OLD.row_version);
            new_part := coalesce(new_part, '{}') || jsonb_build_object('banned_at', NEW.banned_at, 'row_version', NEW.row_version);
        END IF;
        IF new_part IS NULL THEN
            RETURN NULL;
        END IF;
        INSERT INTO public.audit_logs
            (user_id, actor_id, action, table_name, row_key, before, after, ip, request_id)
        VALUES (NEW.id, nullif(current_setting('cabinet.actor', true), '')::bigint,
                CASE WHEN OLD.deleted_at IS NULL THEN CASE WHEN NEW.deleted_at IS NULL THEN 'row_update' ELSE 'row_delete' END
                     WHEN NEW.deleted_at IS NULL THEN 'row_restore' ELSE 'row_update' END,
                'users', NEW.id::text,
                old_part,
                new_part,
                nullif(current_setting('cabinet.ip', true), '')::inet,
                nullif(current_setting('cabinet.request_id', true), ''));
        IF is_moved THEN
            INSERT INTO cabinet."delta_users" ("day", "is_deleted", "is_verified", "is_superuser", "oauth_provider", "n", "slot")
            VALUES ((OLD."date_created" AT TIME ZONE 'UTC')::date, OLD."deleted_at" IS NOT NULL, OLD."is_verified", OLD."is_superuser", OLD."oauth_provider", -1, date_bin('10 minutes', OLD."date_created" AT TIME ZONE 'UTC', timestamp '2000-01-01')),
                   ((NEW."date_created" AT TIME ZONE 'UTC')::date, NEW."deleted_at" IS NOT NULL, NEW."is_verified", NEW."is_superuser", NEW."oauth_provider", 1, date_bin('10 minutes', NEW."date_created" AT TIME ZONE 'UTC', timestamp '2000-01-01'));
        END IF;
    ELSIF TG_OP = 'INSERT' THEN
        INSERT INTO public.audit_logs
            (user_id, actor_id, action, table_name, row_key, before, after, ip, request_id)
        VALUES (NEW.id, nullif(current_setting('cabinet.actor', true), '')::bigint,
                'row_insert',
                'users', NEW.id::text,
                NULL,
                jsonb_build_object(
                    'id', NEW.id,
                    'email', NEW.email,
                    'username', NEW.username,
                    'is_verified', NEW.is_verified,
                    'is_superuser', NEW.is_superuser,
                    'oauth_provider', NEW.oauth_provider,
                    'date_created', NEW.date_created,
                    'row_version', NEW.row_version,
                    'deleted_at', NEW.deleted_at,
                    'deletion_scheduled_for', NEW.deletion_scheduled_for,
                    'banned_at', NEW.banned_at),
                nullif(current_setting('cabinet.ip', true), '')::inet,
                nullif(current_setting('cabinet.request_id', true), ''));
    ELSE
        INSERT INTO public.audit_logs
            (user_id, actor_id, action, table_name, row_key, before, after, ip, request_id)
        VALUES (OLD.id, nullif(current_setting('cabinet.actor', true), '')::bigint,
                'row_delete',
                'users', OLD.id::text,
                jsonb_build_object(
                    'id', OLD.id,
                    'email', OLD.email,
                    'username', OLD.username,
                    'is_verified', OLD.is_verified,
                    'is_superuser', OLD.is_superuser,
                    'oauth_provider', OLD.oauth_provider,
                    'date_created', OLD.date_created,
                    'row_version', OLD.row_version,
                    'deleted_at', OLD.deleted_at,
                    'deletion_scheduled_for', OLD.deletion_scheduled_for,
                    'banned_at', OLD.banned_at),
                NULL,
                nullif(current_setting('cabinet.ip', true), '')::inet,
                nullif(current_setting('cabinet.request_id', true), ''));
    END IF;
    RETURN NULL;
END $function$;

-- downgrade
SET LOCAL check_function_bodies = off;
CREATE OR REPLACE FUNCTION cabinet.changes_users()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
DECLARE
    old_part jsonb;
    new_part jsonb;
    is_moved boolean;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF OLD.id IS DISTINCT FROM NEW.id THEN
            old_part := coalesce(old_part, '{}') || jsonb_build_object('id', OLD.id);
            new_part := coalesce(new_part, '{}') || jsonb_build_object('id', NEW.id);
        END IF;
        IF OLD.email IS DISTINCT FROM NEW.email THEN
            old_part := coalesce(old_part, '{}') || jsonb_build_object('email', OLD.email);
            new_part := coalesce(new_part, '{}') || jsonb_build_object('email', NEW.email);
        END IF;
        IF OLD.username IS DISTINCT FROM NEW.username THEN
            old_part := coalesce(old_part, '{}') || jsonb_build_object('username', OLD.username);
            new_part := coalesce(new_part, '{}') || jsonb_build_object('username', NEW.username);
        END IF;
        IF OLD.is_verified IS DISTINCT FROM NEW.is_verified THEN
            old_part := coalesce(old_part, '{}') || jsonb_build_object('is_verified', OLD.is_verified);
            new_part := coalesce(new_part, '{}') || jsonb_build_object('is_verified', NEW.is_verified);
            is_moved := true;
        END IF;
        IF OLD.is_superuser IS DISTINCT FROM NEW.is_superuser THEN
            old_part := coalesce(old_part, '{}') || jsonb_build_object('is_superuser', OLD.is_superuser);
            new_part := coalesce(new_part, '{}') || jsonb_build_object('is_superuser', NEW.is_superuser);
            is_moved := true;
        END IF;
        IF OLD.oauth_provider IS DISTINCT FROM NEW.oauth_provider THEN
            old_part := coalesce(old_part, '{}') || jsonb_build_object('oauth_provider', OLD.oauth_provider);
            new_part := coalesce(new_part, '{}') || jsonb_build_object('oauth_provider', NEW.oauth_provider);
            is_moved := true;
        END IF;
        IF OLD.date_created IS DISTINCT FROM NEW.date_created THEN
            old_part := coalesce(old_part, '{}') || jsonb_build_object('date_created', OLD.date_created);
            new_part := coalesce(new_part, '{}') || jsonb_build_object('date_created', NEW.date_created);
            is_moved := true;
        END IF;
        IF OLD.deleted_at IS DISTINCT FROM NEW.deleted_at THEN
            old_part := coalesce(old_part, '{}') || jsonb_build_object('deleted_at', OLD.deleted_at);
            new_part := coalesce(new_part, '{}') || jsonb_build_object('deleted_at', NEW.deleted_at);
            is_moved := true;
        END IF;
        IF OLD.deletion_scheduled_for IS DISTINCT FROM NEW.deletion_scheduled_for THEN
            old_part := coalesce(old_part, '{}') || jsonb_build_object('deletion_scheduled_for', OLD.deletion_scheduled_for);
            new_part := coalesce(new_part, '{}') || jsonb_build_object('deletion_scheduled_for', NEW.deletion_scheduled_for);
        END IF;
        IF OLD.banned_at IS DISTINCT FROM NEW.banned_at THEN
            old_part := coalesce(old_part, '{}') || jsonb_build_object('banned_at', OLD.banned_at);
            new_part := coalesce(new_part, '{}') || jsonb_build_object('banned_at', NEW.banned_at);
        END IF;
        IF new_part IS NULL THEN
            RETURN NULL;
        END IF;
        INSERT INTO public.audit_logs
            (user_id, actor_id, action, table_name, row_key, before, after, ip, request_id)
        VALUES (NEW.id, nullif(current_setting('cabinet.actor', true), '')::bigint,
                CASE WHEN (OLD.deleted_at IS NULL) = (NEW.deleted_at IS NULL) THEN 'row_update'
                     WHEN NEW.deleted_at IS NULL THEN 'row_restore' ELSE 'row_delete' END,
                'users', NEW.id::text,
                old_part || jsonb_build_object('row_version', OLD.row_version),
                new_part || jsonb_build_object('row_version', NEW.row_version),
                nullif(current_setting('cabinet.ip', true), '')::inet,
                nullif(current_setting('cabinet.request_id', true), ''));
        IF is_moved THEN
            INSERT INTO cabinet."delta_users" ("day", "is_deleted", "is_verified", "is_superuser", "oauth_provider", "n", "slot")
            VALUES ((OLD."date_created" AT TIME ZONE 'UTC')::date, OLD."deleted_at" IS NOT NULL, OLD."is_verified", OLD."is_superuser", OLD."oauth_provider", -1, date_bin('10 minutes', OLD."date_created" AT TIME ZONE 'UTC', timestamp '2000-01-01')),
                   ((NEW."date_created" AT TIME ZONE 'UTC')::date, NEW."deleted_at" IS NOT NULL, NEW."is_verified", NEW."is_superuser", NEW."oauth_provider", 1, date_bin('10 minutes', NEW."date_created" AT TIME ZONE 'UTC', timestamp '2000-01-01'));
        END IF;
    ELSIF TG_OP = 'INSERT' THEN
        INSERT INTO public.audit_logs
            (user_id, actor_id, action, table_name, row_key, before, after, ip, request_id)
        VALUES (NEW.id, nullif(current_setting('cabinet.actor', true), '')::bigint,
                'row_insert',
                'users', NEW.id::text,
                NULL,
                jsonb_build_object(
                    'id', NEW.id,
                    'email', NEW.email,
                    'username', NEW.username,
                    'is_verified', NEW.is_verified,
                    'is_superuser', NEW.is_superuser,
                    'oauth_provider', NEW.oauth_provider,
                    'date_created', NEW.date_created,
                    'row_version', NEW.row_version,
                    'deleted_at', NEW.deleted_at,
                    'deletion_scheduled_for', NEW.deletion_scheduled_for,
                    'banned_at', NEW.banned_at),
                nullif(current_setting('cabinet.ip', true), '')::inet,
                nullif(current_setting('cabinet.request_id', true), ''));
    ELSE
        INSERT INTO public.audit_logs
            (user_id, actor_id, action, table_name, row_key, before, after, ip, request_id)
        VALUES (OLD.id, nullif(current_setting('cabinet.actor', true), '')::bigint,
                'row_delete',
                'users', OLD.id::text,
                jsonb_build_object(
                    'id', OLD.id,
                    'email', OLD.email,
                    'username', OLD.username,
                    'is_verified', OLD.is_verified,
                    'is_superuser', OLD.is_superuser,
                    'oauth_provider', OLD.oauth_provider,
                    'date_created', OLD.date_created,
                    'row_version', OLD.row_version,
                    'deleted_at', OLD.deleted_at,
                    'deletion_scheduled_for', OLD.deletion_scheduled_for,
                    'banned_at', OLD.banned_at),
                NULL,
                nullif(current_setting('cabinet.ip', true), '')::inet,
                nullif(current_setting('cabinet.request_id', true), ''));
    END IF;
    RETURN NULL;
END $function$;
