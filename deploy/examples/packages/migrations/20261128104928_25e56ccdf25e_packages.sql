-- cabinet migration
-- Revision: 25e56ccdf25e
-- Revises:
-- Create Date: 2026-11-28T10:49:28Z
-- Message: packages
-- Line: site
-- Generator: cabinet-migrate 0.1.0, server 15.20
-- Schema: 518f9cc742c1f90c76dcc7b5ddf0005f4d15bd741b6599d4d504379828f05bcd -> 9f8198f336872797c0a05541a680a8feae9bfb854f021d5cc3ac41edd6556503
-- Proof: up=ok down=ok again=ok
-- Hazard: DATA_LOSS public.packages (the table and its rows are dropped) on downgrade

-- upgrade
SET LOCAL check_function_bodies = off;
CREATE TABLE public.packages (
    id bigint NOT NULL GENERATED ALWAYS AS IDENTITY (SEQUENCE NAME public.packages_id_seq),
    imported_by bigint NOT NULL,
    package text NOT NULL,
    version text NOT NULL,
    architecture text NOT NULL,
    section text,
    priority text,
    size bigint,
    installed_size bigint,
    maintainer text,
    homepage text,
    depends text,
    description text,
    sha256 text,
    date_created timestamp with time zone DEFAULT now() NOT NULL,
    row_version bigint DEFAULT 1 NOT NULL,
    CONSTRAINT packages_pkey PRIMARY KEY (id),
    CONSTRAINT packages_one_of_each UNIQUE (package, version, architecture),
    CONSTRAINT packages_package_form CHECK ((package ~ '^[a-z0-9][a-z0-9+.-]+$'::text)),
    CONSTRAINT packages_size_positive CHECK ((size > 0))
);
CREATE FUNCTION cabinet.audit_packages()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO public.audit_logs
            (user_id, actor_id, action, table_name, row_key, before, after, ip, request_id)
        VALUES (NEW.imported_by, nullif(current_setting('cabinet.actor', true), '')::bigint,
                'row_insert',
                'packages', NEW.id::text,
                NULL,
                jsonb_build_object(
                    'id', NEW.id,
                    'imported_by', NEW.imported_by,
                    'package', NEW.package,
                    'version', NEW.version,
                    'architecture', NEW.architecture,
                    'section', NEW.section,
                    'priority', NEW.priority,
                    'size', NEW.size,
                    'installed_size', NEW.installed_size,
                    'maintainer', NEW.maintainer,
                    'homepage', NEW.homepage,
                    'depends', NEW.depends,
                    'description', NEW.description,
                    'sha256', NEW.sha256,
                    'date_created', NEW.date_created,
                    'row_version', NEW.row_version),
                nullif(current_setting('cabinet.ip', true), '')::inet,
                nullif(current_setting('cabinet.request_id', true), ''));
    ELSIF TG_OP = 'DELETE' THEN
        INSERT INTO public.audit_logs
            (user_id, actor_id, action, table_name, row_key, before, after, ip, request_id)
        VALUES (OLD.imported_by, nullif(current_setting('cabinet.actor', true), '')::bigint,
                'row_delete',
                'packages', OLD.id::text,
                jsonb_build_object(
                    'id', OLD.id,
                    'imported_by', OLD.imported_by,
                    'package', OLD.package,
                    'version', OLD.version,
                    'architecture', OLD.architecture,
                    'section', OLD.section,
                    'priority', OLD.priority,
                    'size', OLD.size,
                    'installed_size', OLD.installed_size,
                    'maintainer', OLD.maintainer,
                    'homepage', OLD.homepage,
                    'depends', OLD.depends,
                    'description', OLD.description,
                    'sha256', OLD.sha256,
                    'date_created', OLD.date_created,
                    'row_version', OLD.row_version),
                NULL,
                nullif(current_setting('cabinet.ip', true), '')::inet,
                nullif(current_setting('cabinet.request_id', true), ''));
    END IF;
    RETURN NULL;
END $function$;
CREATE FUNCTION cabinet.update_packages()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
DECLARE
    old_part jsonb;
    new_part jsonb;
BEGIN
        NEW.row_version := OLD.row_version + 1;
        IF OLD.id IS DISTINCT FROM NEW.id THEN
            old_part := coalesce(old_part, '{}') || jsonb_build_object('id', OLD.id, 'row_version', OLD.row_version);
            new_part := coalesce(new_part, '{}') || jsonb_build_object('id', NEW.id, 'row_version', NEW.row_version);
        END IF;
        IF OLD.imported_by IS DISTINCT FROM NEW.imported_by THEN
            old_part := coalesce(old_part, '{}') || jsonb_build_object('imported_by', OLD.imported_by, 'row_version', OLD.row_version);
            new_part := coalesce(new_part, '{}') || jsonb_build_object('imported_by', NEW.imported_by, 'row_version', NEW.row_version);
        END IF;
        IF OLD.package IS DISTINCT FROM NEW.package THEN
            old_part := coalesce(old_part, '{}') || jsonb_build_object('package', OLD.package, 'row_version', OLD.row_version);
            new_part := coalesce(new_part, '{}') || jsonb_build_object('package', NEW.package, 'row_version', NEW.row_version);
        END IF;
        IF OLD.version IS DISTINCT FROM NEW.version THEN
            old_part := coalesce(old_part, '{}') || jsonb_build_object('version', OLD.version, 'row_version', OLD.row_version);
            new_part := coalesce(new_part, '{}') || jsonb_build_object('version', NEW.version, 'row_version', NEW.row_version);
        END IF;
        IF OLD.architecture IS DISTINCT FROM NEW.architecture THEN
            old_part := coalesce(old_part, '{}') || jsonb_build_object('architecture', OLD.architecture, 'row_version', OLD.row_version);
            new_part := coalesce(new_part, '{}') || jsonb_build_object('architecture', NEW.architecture, 'row_version', NEW.row_version);
        END IF;
        IF OLD.section IS DISTINCT FROM NEW.section THEN
            old_part := coalesce(old_part, '{}') || jsonb_build_object('section', OLD.section, 'row_version', OLD.row_version);
            new_part := coalesce(new_part, '{}') || jsonb_build_object('section', NEW.section, 'row_version', NEW.row_version);
        END IF;
        IF OLD.priority IS DISTINCT FROM NEW.priority THEN
            old_part := coalesce(old_part, '{}') || jsonb_build_object('priority', OLD.priority, 'row_version', OLD.row_version);
            new_part := coalesce(new_part, '{}') || jsonb_build_object('priority', NEW.priority, 'row_version', NEW.row_version);
        END IF;
        IF OLD.size IS DISTINCT FROM NEW.size THEN
            old_part := coalesce(old_part, '{}') || jsonb_build_object('size', OLD.size, 'row_version', OLD.row_version);
            new_part := coalesce(new_part, '{}') || jsonb_build_object('size', NEW.size, 'row_version', NEW.row_version);
        END IF;
        IF OLD.installed_size IS DISTINCT FROM NEW.installed_size THEN
            old_part := coalesce(old_part, '{}') || jsonb_build_object('installed_size', OLD.installed_size, 'row_version', OLD.row_version);
            new_part := coalesce(new_part, '{}') || jsonb_build_object('installed_size', NEW.installed_size, 'row_version', NEW.row_version);
        END IF;
        IF OLD.maintainer IS DISTINCT FROM NEW.maintainer THEN
            old_part := coalesce(old_part, '{}') || jsonb_build_object('maintainer', OLD.maintainer, 'row_version', OLD.row_version);
            new_part := coalesce(new_part, '{}') || jsonb_build_object('maintainer', NEW.maintainer, 'row_version', NEW.row_version);
        END IF;
        IF OLD.homepage IS DISTINCT FROM NEW.homepage THEN
            old_part := coalesce(old_part, '{}') || jsonb_build_object('homepage', OLD.homepage, 'row_version', OLD.row_version);
            new_part := coalesce(new_part, '{}') || jsonb_build_object('homepage', NEW.homepage, 'row_version', NEW.row_version);
        END IF;
        IF OLD.depends IS DISTINCT FROM NEW.depends THEN
            old_part := coalesce(old_part, '{}') || jsonb_build_object('depends', OLD.depends, 'row_version', OLD.row_version);
            new_part := coalesce(new_part, '{}') || jsonb_build_object('depends', NEW.depends, 'row_version', NEW.row_version);
        END IF;
        IF OLD.description IS DISTINCT FROM NEW.description THEN
            old_part := coalesce(old_part, '{}') || jsonb_build_object('description', OLD.description, 'row_version', OLD.row_version);
            new_part := coalesce(new_part, '{}') || jsonb_build_object('description', NEW.description, 'row_version', NEW.row_version);
        END IF;
        IF OLD.sha256 IS DISTINCT FROM NEW.sha256 THEN
            old_part := coalesce(old_part, '{}') || jsonb_build_object('sha256', OLD.sha256, 'row_version', OLD.row_version);
            new_part := coalesce(new_part, '{}') || jsonb_build_object('sha256', NEW.sha256, 'row_version', NEW.row_version);
        END IF;
        IF OLD.date_created IS DISTINCT FROM NEW.date_created THEN
            old_part := coalesce(old_part, '{}') || jsonb_build_object('date_created', OLD.date_created, 'row_version', OLD.row_version);
            new_part := coalesce(new_part, '{}') || jsonb_build_object('date_created', NEW.date_created, 'row_version', NEW.row_version);
        END IF;
        IF new_part IS NULL THEN
            RETURN NEW;
        END IF;
        INSERT INTO public.audit_logs
            (user_id, actor_id, action, table_name, row_key, before, after, ip, request_id)
        VALUES (NEW.imported_by, nullif(current_setting('cabinet.actor', true), '')::bigint,
                'row_update',
                'packages', NEW.id::text,
                old_part,
                new_part,
                nullif(current_setting('cabinet.ip', true), '')::inet,
                nullif(current_setting('cabinet.request_id', true), ''));
        RETURN NEW;
END $function$;
ALTER TABLE public.packages ADD CONSTRAINT packages_imported_by FOREIGN KEY (imported_by) REFERENCES public.users(id);
CREATE INDEX packages_imported_by ON public.packages USING btree (imported_by);
CREATE INDEX packages_section ON public.packages USING btree (section, size);
CREATE INDEX packages_size ON public.packages USING btree (size);
CREATE INDEX packages_words ON public.packages USING gin (package public.gin_trgm_ops, description public.gin_trgm_ops);
CREATE TRIGGER audit AFTER INSERT OR DELETE ON public.packages FOR EACH ROW EXECUTE FUNCTION cabinet.audit_packages();
CREATE TRIGGER audit_truncate AFTER TRUNCATE ON public.packages FOR EACH STATEMENT EXECUTE FUNCTION cabinet.audit_truncate();
CREATE TRIGGER zz_audit BEFORE UPDATE ON public.packages FOR EACH ROW EXECUTE FUNCTION cabinet.update_packages();
GRANT DELETE, INSERT, SELECT, UPDATE ON TABLE public.packages TO cabinet_app;
COMMENT ON COLUMN public.packages.architecture IS 'Machines that it runs on: amd64, all and so on.';
COMMENT ON COLUMN public.packages.date_created IS 'When it was brought in. @api(private)';
COMMENT ON COLUMN public.packages.depends IS 'What must be installed with it.';
COMMENT ON COLUMN public.packages.description IS 'What it is, in a line. @api(search)';
COMMENT ON COLUMN public.packages.homepage IS 'Where it comes from.';
COMMENT ON COLUMN public.packages.id IS 'Number of the row.';
COMMENT ON COLUMN public.packages.imported_by IS 'Who brought it in. @api(private)';
COMMENT ON COLUMN public.packages.installed_size IS 'Size when installed, in KiB.';
COMMENT ON COLUMN public.packages.maintainer IS 'Who looks after it.';
COMMENT ON COLUMN public.packages.package IS 'Name of the package. @api(search)';
COMMENT ON COLUMN public.packages.priority IS 'How much a system needs it.';
COMMENT ON COLUMN public.packages.row_version IS 'Counts the changes.';
COMMENT ON COLUMN public.packages.section IS 'What kind of thing it is: games, httpd, net and so on.';
COMMENT ON COLUMN public.packages.sha256 IS 'SHA-256 of the file.';
COMMENT ON COLUMN public.packages.size IS 'Size of the file, in bytes.';
COMMENT ON COLUMN public.packages.version IS 'Its version.';
COMMENT ON CONSTRAINT packages_package_form on public.packages IS 'A package is named by lower-case letters, digits, plus, minus and dots.';
COMMENT ON CONSTRAINT packages_size_positive on public.packages IS 'The size must be above 0.';
COMMENT ON FUNCTION cabinet.audit_packages() IS 'Records rows of packages that come and go; follows from columns and annotations.';
COMMENT ON FUNCTION cabinet.update_packages() IS 'Records changes of rows of packages and raises their version; follows from columns and annotations.';
COMMENT ON TABLE public.packages IS 'A package of Debian. @api(expose, owner(imported_by), public_read, order(package))';

-- downgrade
DROP TABLE public.packages;
DROP FUNCTION cabinet.audit_packages();
DROP FUNCTION cabinet.update_packages();
