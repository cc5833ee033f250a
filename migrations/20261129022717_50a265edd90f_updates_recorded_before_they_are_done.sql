-- cabinet migration
-- Revision: 50a265edd90f
-- Revises: e81b3f60c5d7
-- Create Date: 2026-11-29T02:27:17Z
-- Message: updates recorded before they are done
-- Line: cabinet
-- Generator: cabinet-migrate 0.1.0, server 15.20
-- Schema: 09e02ba929a18eb966e3f15ba707376b2877d8bc93d6a79f04789c1ac61f4a32 -> 518f9cc742c1f90c76dcc7b5ddf0005f4d15bd741b6599d4d504379828f05bcd
-- Proof: up=ok down=ok again=ok

-- upgrade
SET LOCAL check_function_bodies = off;
DROP TRIGGER audit ON public.users;
DROP TRIGGER row_version ON public.users;
DROP FUNCTION cabinet.changes_users();
CREATE FUNCTION cabinet.audit_users()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF TG_OP = 'INSERT' THEN
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
    ELSIF TG_OP = 'DELETE' THEN
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
CREATE FUNCTION cabinet.update_users()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
DECLARE
    old_part jsonb;
    new_part jsonb;
    is_moved boolean;
BEGIN
        NEW.row_version := OLD.row_version + 1;
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
            RETURN NEW;
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
        RETURN NEW;
END $function$;
CREATE TRIGGER audit AFTER INSERT OR DELETE ON public.users FOR EACH ROW EXECUTE FUNCTION cabinet.audit_users();
CREATE TRIGGER zz_audit BEFORE UPDATE ON public.users FOR EACH ROW EXECUTE FUNCTION cabinet.update_users();
COMMENT ON FUNCTION cabinet.audit_users() IS 'Records rows of users that come and go; follows from columns and annotations.';
COMMENT ON FUNCTION cabinet.update_users() IS 'Records and counts changes of rows of users and raises their version; follows from columns and annotations.';

-- downgrade
SET LOCAL check_function_bodies = off;
DROP TRIGGER audit ON public.users;
DROP TRIGGER zz_audit ON public.users;
DROP FUNCTION cabinet.audit_users();
DROP FUNCTION cabinet.update_users();
CREATE FUNCTION cabinet.changes_users()
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
CREATE TRIGGER audit AFTER INSERT OR DELETE OR UPDATE ON public.users FOR EACH ROW EXECUTE FUNCTION cabinet.changes_users();
CREATE TRIGGER row_version BEFORE UPDATE ON public.users FOR EACH ROW EXECUTE FUNCTION cabinet.raise_version();
COMMENT ON FUNCTION cabinet.changes_users() IS 'Records and counts changes of rows of users; follows from columns and annotations.';
