-- The index of Debian's packages, as `apt-cache dumpavail` tells it.  Everybody may read it; who brought a row in may
-- change it.

CREATE TABLE public.packages (
    id              bigint GENERATED ALWAYS AS IDENTITY,
    imported_by     bigint NOT NULL,
    package         text NOT NULL,
    version         text NOT NULL,
    architecture    text NOT NULL,
    section         text,
    priority        text,
    size            bigint,
    installed_size  bigint,
    maintainer      text,
    homepage        text,
    depends         text,
    description     text,
    sha256          text,
    date_created    timestamptz NOT NULL DEFAULT now(),
    row_version     bigint NOT NULL DEFAULT 1,
    CONSTRAINT packages_pkey PRIMARY KEY (id),
    CONSTRAINT packages_imported_by FOREIGN KEY (imported_by) REFERENCES public.users (id),
    CONSTRAINT packages_one_of_each UNIQUE (package, version, architecture),
    CONSTRAINT packages_package_form CHECK (package ~ '^[a-z0-9][a-z0-9+.-]+$'),
    CONSTRAINT packages_size_positive CHECK (size > 0)
);

COMMENT ON TABLE public.packages IS
    'A package of Debian. @api(expose, owner(imported_by), public_read, order(package))';
COMMENT ON COLUMN public.packages.id IS 'Number of the row.';
COMMENT ON COLUMN public.packages.imported_by IS 'Who brought it in. @api(private)';
COMMENT ON COLUMN public.packages.package IS 'Name of the package. @api(search)';
COMMENT ON COLUMN public.packages.version IS 'Its version.';
COMMENT ON COLUMN public.packages.architecture IS 'Machines that it runs on: amd64, all and so on.';
COMMENT ON COLUMN public.packages.section IS 'What kind of thing it is: games, httpd, net and so on.';
COMMENT ON COLUMN public.packages.priority IS 'How much a system needs it.';
COMMENT ON COLUMN public.packages.size IS 'Size of the file, in bytes.';
COMMENT ON COLUMN public.packages.installed_size IS 'Size when installed, in KiB.';
COMMENT ON COLUMN public.packages.maintainer IS 'Who looks after it.';
COMMENT ON COLUMN public.packages.homepage IS 'Where it comes from.';
COMMENT ON COLUMN public.packages.depends IS 'What must be installed with it.';
COMMENT ON COLUMN public.packages.description IS 'What it is, in a line. @api(search)';
COMMENT ON COLUMN public.packages.sha256 IS 'SHA-256 of the file.';
COMMENT ON COLUMN public.packages.date_created IS 'When it was brought in. @api(private)';
COMMENT ON COLUMN public.packages.row_version IS 'Counts the changes.';
COMMENT ON CONSTRAINT packages_package_form ON public.packages IS
    'A package is named by lower-case letters, digits, plus, minus and dots.';
COMMENT ON CONSTRAINT packages_size_positive ON public.packages IS 'The size must be above 0.';

CREATE INDEX packages_imported_by ON public.packages (imported_by);
CREATE INDEX packages_section ON public.packages (section, size);
CREATE INDEX packages_size ON public.packages (size);
CREATE INDEX packages_words ON public.packages USING gin (package public.gin_trgm_ops, description public.gin_trgm_ops);
