-- cabinet migration
-- Revision: 618970be1b74
-- Revises: 395d3b57cb4b
-- Create Date: 2026-11-28T11:50:00Z
-- Message: cheaper updates
-- Line: cabinet
-- Hazard: MAY_FAIL_ON_DATA users_username_form ON public.users (rows there are may not keep it)
-- Hazard: MAY_FAIL_ON_DATA audit_logs_action_form ON public.audit_logs (rows there are may not keep it) on downgrade
-- Hazard: MAY_FAIL_ON_DATA users_username_characters ON public.users (rows there are may not keep it) on downgrade
-- Hazard: MAY_FAIL_ON_DATA users_username_length ON public.users (rows there are may not keep it) on downgrade
-- Hazard: MAY_FAIL_ON_DATA users_username_normalized ON public.users (rows there are may not keep it) on downgrade

-- upgrade
SET LOCAL check_function_bodies = off;
DROP TRIGGER count_update ON public.users;
ALTER TABLE public.audit_logs DROP CONSTRAINT audit_logs_action_form;
-- Months that were made as copies have it on their own account.
DO $$
DECLARE
    month regclass;
BEGIN
    FOR month IN SELECT i.inhrelid FROM pg_catalog.pg_inherits AS i
                   JOIN pg_catalog.pg_constraint AS c ON c.conrelid = i.inhrelid
                  WHERE i.inhparent = 'public.audit_logs'::regclass AND c.conname = 'audit_logs_action_form' LOOP
        EXECUTE format('ALTER TABLE %s DROP CONSTRAINT audit_logs_action_form', month);
    END LOOP;
END $$;
ALTER TABLE public.users DROP CONSTRAINT users_username_characters;
ALTER TABLE public.users DROP CONSTRAINT users_username_length;
ALTER TABLE public.users DROP CONSTRAINT users_username_normalized;
CREATE OR REPLACE FUNCTION cabinet.count_row_users()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF OLD."date_created" IS DISTINCT FROM NEW."date_created"
       OR (OLD."deleted_at" IS NULL) <> (NEW."deleted_at" IS NULL)
       OR OLD."is_verified" IS DISTINCT FROM NEW."is_verified"
       OR OLD."is_superuser" IS DISTINCT FROM NEW."is_superuser"
       OR OLD."oauth_provider" IS DISTINCT FROM NEW."oauth_provider" THEN
        INSERT INTO cabinet."delta_users" ("day", "is_deleted", "is_verified", "is_superuser", "oauth_provider", "n")
        VALUES ((OLD."date_created" AT TIME ZONE 'UTC')::date, OLD."deleted_at" IS NOT NULL, OLD."is_verified", OLD."is_superuser", OLD."oauth_provider", -1),
               ((NEW."date_created" AT TIME ZONE 'UTC')::date, NEW."deleted_at" IS NOT NULL, NEW."is_verified", NEW."is_superuser", NEW."oauth_provider", 1);
    END IF;
    RETURN NULL;
END $function$;
ALTER TABLE public.users ADD CONSTRAINT users_username_form CHECK (((char_length(username) >= 3) AND (char_length(username) <= 50) AND (username !~ '[@[:cntrl:]]'::text) AND (username = btrim(username)) AND (username IS NFKC NORMALIZED))) NOT VALID;
CREATE TRIGGER count_update AFTER UPDATE ON public.users FOR EACH ROW EXECUTE FUNCTION cabinet.count_row_users();
COMMENT ON CONSTRAINT users_username_form on public.users IS 'The username must have 3 to 50 characters without @ and control characters, none of them a space at its ends, and be in Unicode normal form NFKC.';

-- upgrade
ALTER TABLE public.users VALIDATE CONSTRAINT users_username_form;

-- downgrade
SET LOCAL check_function_bodies = off;
DROP TRIGGER count_update ON public.users;
ALTER TABLE public.users DROP CONSTRAINT users_username_form;
CREATE OR REPLACE FUNCTION cabinet.count_row_users()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    INSERT INTO cabinet."delta_users" ("day", "is_deleted", "is_verified", "is_superuser", "oauth_provider", "n")
    VALUES ((OLD."date_created" AT TIME ZONE 'UTC')::date, OLD."deleted_at" IS NOT NULL, OLD."is_verified", OLD."is_superuser", OLD."oauth_provider", -1),
           ((NEW."date_created" AT TIME ZONE 'UTC')::date, NEW."deleted_at" IS NOT NULL, NEW."is_verified", NEW."is_superuser", NEW."oauth_provider", 1);
    RETURN NULL;
END $function$;
ALTER TABLE public.audit_logs ADD CONSTRAINT audit_logs_action_form CHECK ((action ~ '^[a-z][a-z0-9_]{0,62}$'::text)) NOT VALID;
ALTER TABLE public.users ADD CONSTRAINT users_username_characters CHECK (((username !~ '[@[:cntrl:]]'::text) AND (username = btrim(username)))) NOT VALID;
ALTER TABLE public.users ADD CONSTRAINT users_username_length CHECK (((char_length(username) >= 3) AND (char_length(username) <= 50))) NOT VALID;
ALTER TABLE public.users ADD CONSTRAINT users_username_normalized CHECK ((username IS NFKC NORMALIZED)) NOT VALID;
CREATE TRIGGER count_update AFTER UPDATE ON public.users FOR EACH ROW WHEN (((old.date_created IS DISTINCT FROM new.date_created) OR ((old.deleted_at IS NULL) <> (new.deleted_at IS NULL)) OR (old.is_verified IS DISTINCT FROM new.is_verified) OR (old.is_superuser IS DISTINCT FROM new.is_superuser) OR (old.oauth_provider IS DISTINCT FROM new.oauth_provider))) EXECUTE FUNCTION cabinet.count_row_users();
COMMENT ON CONSTRAINT audit_logs_action_form on public.audit_logs IS 'The action must be a word of lower-case letters, digits and underscores.';
COMMENT ON CONSTRAINT users_username_characters on public.users IS 'The username must not contain @ or control characters, nor begin or end with a space.';
COMMENT ON CONSTRAINT users_username_length on public.users IS 'The username must have 3 to 50 characters.';
COMMENT ON CONSTRAINT users_username_normalized on public.users IS 'The username must be in Unicode normal form NFKC.';

-- downgrade
ALTER TABLE public.audit_logs VALIDATE CONSTRAINT audit_logs_action_form;
ALTER TABLE public.users VALIDATE CONSTRAINT users_username_characters;
ALTER TABLE public.users VALIDATE CONSTRAINT users_username_length;
ALTER TABLE public.users VALIDATE CONSTRAINT users_username_normalized;
