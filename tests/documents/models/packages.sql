-- A table of things of no owner, with more kinds of columns and a key of three columns beside its number.
CREATE TYPE public.package_priority AS ENUM ('required', 'important', 'standard', 'optional', 'extra');

CREATE TABLE public.packages (
    id              bigint GENERATED ALWAYS AS IDENTITY,
    package         text NOT NULL,
    version         text NOT NULL,
    architecture    text NOT NULL DEFAULT 'all',
    priority        public.package_priority NOT NULL DEFAULT 'optional',
    section         varchar(60),
    installed_size  bigint,
    size            bigint,     -- also the name of a parameter of lists
    price           numeric(8,2),
    score           double precision,
    released        date,
    tags            text[],
    fields          jsonb,
    checksum        bytea,
    digest          uuid,
    valid           daterange,
    host            inet,
    wait            interval,
    row_version     bigint NOT NULL DEFAULT 1,
    CONSTRAINT packages_pkey PRIMARY KEY (id),
    CONSTRAINT packages_identity UNIQUE (package, version, architecture),
    CONSTRAINT packages_package_length CHECK (char_length(package) BETWEEN 2 AND 120),
    CONSTRAINT packages_version_length CHECK (char_length(version) BETWEEN 1 AND 120),
    CONSTRAINT packages_architecture_length CHECK (char_length(architecture) BETWEEN 1 AND 40),
    CONSTRAINT packages_installed_size_range CHECK (installed_size >= 0)
);
COMMENT ON TABLE public.packages IS 'Versions of packages. @api(expose, order(package))';
COMMENT ON COLUMN public.packages.package IS 'Name. @api(search)';
COMMENT ON COLUMN public.packages.installed_size IS 'KiB on disk.';
CREATE INDEX packages_package_search ON public.packages USING gin (package public.gin_trgm_ops);
