-- cabinet migration
-- Revision: 09184115c758
-- Revises: 6892dbc12e95
-- Create Date: 2026-11-28T12:50:00Z
-- Message: cheaper audit functions
-- Line: cabinet

-- upgrade
SET LOCAL check_function_bodies = off;
CREATE OR REPLACE FUNCTION cabinet.audit_users()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
DECLARE
    old_part jsonb;
    new_part jsonb;
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
        END IF;
        IF OLD.is_superuser IS DISTINCT FROM NEW.is_superuser THEN
            old_part := coalesce(old_part, '{}') || jsonb_build_object('is_superuser', OLD.is_superuser);
            new_part := coalesce(new_part, '{}') || jsonb_build_object('is_superuser', NEW.is_superuser);
        END IF;
        IF OLD.oauth_provider IS DISTINCT FROM NEW.oauth_provider THEN
            old_part := coalesce(old_part, '{}') || jsonb_build_object('oauth_provider', OLD.oauth_provider);
            new_part := coalesce(new_part, '{}') || jsonb_build_object('oauth_provider', NEW.oauth_provider);
        END IF;
        IF OLD.date_created IS DISTINCT FROM NEW.date_created THEN
            old_part := coalesce(old_part, '{}') || jsonb_build_object('date_created', OLD.date_created);
            new_part := coalesce(new_part, '{}') || jsonb_build_object('date_created', NEW.date_created);
        END IF;
        IF OLD.deleted_at IS DISTINCT FROM NEW.deleted_at THEN
            old_part := coalesce(old_part, '{}') || jsonb_build_object('deleted_at', OLD.deleted_at);
            new_part := coalesce(new_part, '{}') || jsonb_build_object('deleted_at', NEW.deleted_at);
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
CREATE OR REPLACE FUNCTION cabinet.audit_users()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
DECLARE
    what text := 'row_update';
    row_key text;
    person bigint;
    old_part jsonb := '{}';
    new_part jsonb := '{}';
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF OLD.id IS DISTINCT FROM NEW.id THEN
            old_part := old_part || jsonb_build_object('id', OLD.id);
            new_part := new_part || jsonb_build_object('id', NEW.id);
        END IF;
        IF OLD.email IS DISTINCT FROM NEW.email THEN
            old_part := old_part || jsonb_build_object('email', OLD.email);
            new_part := new_part || jsonb_build_object('email', NEW.email);
        END IF;
        IF OLD.username IS DISTINCT FROM NEW.username THEN
            old_part := old_part || jsonb_build_object('username', OLD.username);
            new_part := new_part || jsonb_build_object('username', NEW.username);
        END IF;
        IF OLD.is_verified IS DISTINCT FROM NEW.is_verified THEN
            old_part := old_part || jsonb_build_object('is_verified', OLD.is_verified);
            new_part := new_part || jsonb_build_object('is_verified', NEW.is_verified);
        END IF;
        IF OLD.is_superuser IS DISTINCT FROM NEW.is_superuser THEN
            old_part := old_part || jsonb_build_object('is_superuser', OLD.is_superuser);
            new_part := new_part || jsonb_build_object('is_superuser', NEW.is_superuser);
        END IF;
        IF OLD.oauth_provider IS DISTINCT FROM NEW.oauth_provider THEN
            old_part := old_part || jsonb_build_object('oauth_provider', OLD.oauth_provider);
            new_part := new_part || jsonb_build_object('oauth_provider', NEW.oauth_provider);
        END IF;
        IF OLD.date_created IS DISTINCT FROM NEW.date_created THEN
            old_part := old_part || jsonb_build_object('date_created', OLD.date_created);
            new_part := new_part || jsonb_build_object('date_created', NEW.date_created);
        END IF;
        IF OLD.deleted_at IS DISTINCT FROM NEW.deleted_at THEN
            old_part := old_part || jsonb_build_object('deleted_at', OLD.deleted_at);
            new_part := new_part || jsonb_build_object('deleted_at', NEW.deleted_at);
        END IF;
        IF OLD.deletion_scheduled_for IS DISTINCT FROM NEW.deletion_scheduled_for THEN
            old_part := old_part || jsonb_build_object('deletion_scheduled_for', OLD.deletion_scheduled_for);
            new_part := new_part || jsonb_build_object('deletion_scheduled_for', NEW.deletion_scheduled_for);
        END IF;
        IF OLD.banned_at IS DISTINCT FROM NEW.banned_at THEN
            old_part := old_part || jsonb_build_object('banned_at', OLD.banned_at);
            new_part := new_part || jsonb_build_object('banned_at', NEW.banned_at);
        END IF;
        IF new_part = '{}' THEN
            RETURN NULL;
        END IF;
        old_part := old_part || jsonb_build_object('row_version', OLD.row_version);
        new_part := new_part || jsonb_build_object('row_version', NEW.row_version);
        IF OLD.deleted_at IS NULL AND NEW.deleted_at IS NOT NULL THEN
            what := 'row_delete';
        ELSIF OLD.deleted_at IS NOT NULL AND NEW.deleted_at IS NULL THEN
            what := 'row_restore';
        END IF;
        row_key := NEW.id;
        person := NEW.id;
    ELSIF TG_OP = 'INSERT' THEN
        what := 'row_insert';
        row_key := NEW.id;
        person := NEW.id;
        old_part := NULL;
        new_part := jsonb_build_object(
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
            'banned_at', NEW.banned_at);
    ELSE
        what := 'row_delete';
        row_key := OLD.id;
        person := OLD.id;
        new_part := NULL;
        old_part := jsonb_build_object(
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
            'banned_at', OLD.banned_at);
    END IF;
    INSERT INTO public.audit_logs
        (user_id, actor_id, action, table_name, row_key, before, after, ip, request_id)
    VALUES (person, nullif(current_setting('cabinet.actor', true), '')::bigint, what, 'users', row_key,
            old_part, new_part, nullif(current_setting('cabinet.ip', true), '')::inet,
            nullif(current_setting('cabinet.request_id', true), ''));
    RETURN NULL;
END $function$;
