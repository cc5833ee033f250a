CREATE TABLE public.notes (
    id            bigint GENERATED ALWAYS AS IDENTITY,
    owner_id      bigint NOT NULL,
    title         text NOT NULL,
    body          text,
    color         text,
    rank          integer NOT NULL DEFAULT 0,
    date_created  timestamptz NOT NULL DEFAULT now(),
    row_version   bigint NOT NULL DEFAULT 1,
    deleted_at    timestamptz,
    CONSTRAINT notes_pkey PRIMARY KEY (id),
    CONSTRAINT notes_owner_id_fkey FOREIGN KEY (owner_id) REFERENCES public.users (id),
    CONSTRAINT notes_title_length CHECK (char_length(title) BETWEEN 1 AND 200),
    CONSTRAINT notes_body_length CHECK (char_length(body) <= 10000),
    CONSTRAINT notes_color_length CHECK (char_length(color) BETWEEN 1 AND 20),
    CONSTRAINT notes_rank_range CHECK (rank BETWEEN 0 AND 1000)
);
COMMENT ON TABLE public.notes IS 'Notes, each of one person. @api(expose, owner(owner_id), soft_delete)';
COMMENT ON COLUMN public.notes.title IS 'Shown in lists. @api(search)';
COMMENT ON COLUMN public.notes.body IS 'What is to be remembered.';
COMMENT ON COLUMN public.notes.color IS 'Colour that the note is shown in.';
COMMENT ON CONSTRAINT notes_title_length ON public.notes IS 'The title must have 1 to 200 characters.';
CREATE INDEX notes_owner ON public.notes (owner_id, id);
CREATE INDEX notes_title_search ON public.notes USING gin (title public.gin_trgm_ops);
