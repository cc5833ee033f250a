-- cabinet migration
-- Revision: c4de8fb7aeb8
-- Revises: 79811d7ae83a
-- Create Date: 2026-11-28T12:10:00Z
-- Message: checks of users in domains
-- Line: cabinet
-- Hazard: BLOCKS_WRITES public.users (the indexes users_email_live, users_username_live and users_live_provider are built anew under a lock that readers wait for too: about 3 s for a million rows)
-- cabinet: ack BLOCKS_WRITES public.users
-- No row is written anew: the domains have no constraint yet when the columns get them.
-- cabinet: ack TABLE_REWRITE public.users.email
-- cabinet: ack TABLE_REWRITE public.users.username
-- cabinet: ack TABLE_REWRITE public.users.oauth_provider

-- upgrade
SET LOCAL check_function_bodies = off;
CREATE DOMAIN cabinet.email_address AS text;
CREATE DOMAIN cabinet.provider_name AS text;
CREATE DOMAIN cabinet.username AS text;
CREATE OR REPLACE FUNCTION cabinet.login_lookup(name text)
 RETURNS TABLE(user_id bigint, password_hash text, username text, email text, is_superuser boolean, is_verified boolean, banned_at timestamp with time zone, deletion_scheduled_for timestamp with time zone)
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
BEGIN
    IF strpos(name, '@') > 0 THEN
        RETURN QUERY
        SELECT u.id, k.password_hash, u.username::text, u.email::text, u.is_superuser, u.is_verified, u.banned_at,
               u.deletion_scheduled_for
          FROM public.users AS u LEFT JOIN public.user_secrets AS k ON k.user_id = u.id
         WHERE lower(u.email) = lower(name) AND u.deleted_at IS NULL;
    ELSE
        RETURN QUERY
        SELECT u.id, k.password_hash, u.username::text, u.email::text, u.is_superuser, u.is_verified, u.banned_at,
               u.deletion_scheduled_for
          FROM public.users AS u LEFT JOIN public.user_secrets AS k ON k.user_id = u.id
         WHERE lower(u.username) = lower(normalize(name, NFKC)) AND u.deleted_at IS NULL;
    END IF;
END $function$;
-- In one statement, so that each index is built once.
ALTER TABLE public.users
    DROP CONSTRAINT users_email_form,
    DROP CONSTRAINT users_oauth_provider_length,
    DROP CONSTRAINT users_username_form,
    ALTER COLUMN email TYPE cabinet.email_address,
    ALTER COLUMN username TYPE cabinet.username,
    ALTER COLUMN oauth_provider TYPE cabinet.provider_name;
ALTER DOMAIN cabinet.email_address ADD CONSTRAINT email_address_form CHECK (((char_length(VALUE) <= 254) AND (VALUE ~ '^[^@[:space:][:cntrl:]]+@[^@[:space:][:cntrl:]]+$'::text))) NOT VALID;
ALTER DOMAIN cabinet.provider_name ADD CONSTRAINT provider_name_length CHECK (((char_length(VALUE) >= 1) AND (char_length(VALUE) <= 50))) NOT VALID;
ALTER DOMAIN cabinet.username ADD CONSTRAINT username_form CHECK (((char_length(VALUE) >= 3) AND (char_length(VALUE) <= 50) AND (VALUE !~ '[@[:cntrl:]]'::text) AND (VALUE = btrim(VALUE)) AND (VALUE IS NFKC NORMALIZED))) NOT VALID;
COMMENT ON CONSTRAINT email_address_form ON DOMAIN cabinet.email_address IS 'The e-mail address must look like name@host, without spaces, and have at most 254 characters.';
COMMENT ON CONSTRAINT provider_name_length ON DOMAIN cabinet.provider_name IS 'The provider''s name must have 1 to 50 characters.';
COMMENT ON CONSTRAINT username_form ON DOMAIN cabinet.username IS 'The username must have 3 to 50 characters without @ and control characters, none of them a space at its ends, and be in Unicode normal form NFKC.';
COMMENT ON DOMAIN cabinet.email_address IS 'An e-mail address, name@host.';
COMMENT ON DOMAIN cabinet.provider_name IS 'The name of an OpenID provider in the settings.';
COMMENT ON DOMAIN cabinet.username IS 'A name that a person signs in by and is shown under.';

-- upgrade
ALTER DOMAIN cabinet.email_address VALIDATE CONSTRAINT email_address_form;
ALTER DOMAIN cabinet.provider_name VALIDATE CONSTRAINT provider_name_length;
ALTER DOMAIN cabinet.username VALIDATE CONSTRAINT username_form;

-- upgrade
-- What was known of the values went with the old types.
ANALYZE public.users;

-- downgrade
SET LOCAL check_function_bodies = off;
CREATE OR REPLACE FUNCTION cabinet.login_lookup(name text)
 RETURNS TABLE(user_id bigint, password_hash text, username text, email text, is_superuser boolean, is_verified boolean, banned_at timestamp with time zone, deletion_scheduled_for timestamp with time zone)
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
BEGIN
    IF strpos(name, '@') > 0 THEN
        RETURN QUERY
        SELECT u.id, k.password_hash, u.username, u.email, u.is_superuser, u.is_verified, u.banned_at,
               u.deletion_scheduled_for
          FROM public.users AS u LEFT JOIN public.user_secrets AS k ON k.user_id = u.id
         WHERE lower(u.email) = lower(name) AND u.deleted_at IS NULL;
    ELSE
        RETURN QUERY
        SELECT u.id, k.password_hash, u.username, u.email, u.is_superuser, u.is_verified, u.banned_at,
               u.deletion_scheduled_for
          FROM public.users AS u LEFT JOIN public.user_secrets AS k ON k.user_id = u.id
         WHERE lower(u.username) = lower(normalize(name, NFKC)) AND u.deleted_at IS NULL;
    END IF;
END $function$;
ALTER TABLE public.users
    ALTER COLUMN email TYPE text,
    ALTER COLUMN username TYPE text,
    ALTER COLUMN oauth_provider TYPE text;
DROP DOMAIN cabinet.email_address;
DROP DOMAIN cabinet.provider_name;
DROP DOMAIN cabinet.username;
ALTER TABLE public.users ADD CONSTRAINT users_email_form CHECK (((char_length(email) <= 254) AND (email ~ '^[^@[:space:][:cntrl:]]+@[^@[:space:][:cntrl:]]+$'::text))) NOT VALID;
ALTER TABLE public.users ADD CONSTRAINT users_oauth_provider_length CHECK (((char_length(oauth_provider) >= 1) AND (char_length(oauth_provider) <= 50))) NOT VALID;
ALTER TABLE public.users ADD CONSTRAINT users_username_form CHECK (((char_length(username) >= 3) AND (char_length(username) <= 50) AND (username !~ '[@[:cntrl:]]'::text) AND (username = btrim(username)) AND (username IS NFKC NORMALIZED))) NOT VALID;
COMMENT ON CONSTRAINT users_email_form on public.users IS 'The e-mail address must look like name@host, without spaces, and have at most 254 characters.';
COMMENT ON CONSTRAINT users_oauth_provider_length on public.users IS 'The provider''s name must have 1 to 50 characters.';
COMMENT ON CONSTRAINT users_username_form on public.users IS 'The username must have 3 to 50 characters without @ and control characters, none of them a space at its ends, and be in Unicode normal form NFKC.';

-- downgrade
ALTER TABLE public.users VALIDATE CONSTRAINT users_email_form;
ALTER TABLE public.users VALIDATE CONSTRAINT users_oauth_provider_length;
ALTER TABLE public.users VALIDATE CONSTRAINT users_username_form;

-- downgrade
ANALYZE public.users;
