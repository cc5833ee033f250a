/*
 * expand against a real server: rows of other tables, as far as the caller may read them.
 */
#include <criterion/criterion.h>
#include <string.h>

#include "live.h"

static const char ddl[] =
    "CREATE TABLE public.boxes (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text UNIQUE,"
    " parent_id bigint REFERENCES public.boxes (id), keeper text REFERENCES public.boxes (name),"
    " tags text[], deleted_at timestamptz, row_version bigint NOT NULL DEFAULT 1);"
    "COMMENT ON TABLE public.boxes IS 'Boxes. @api(expose, soft_delete)';"
    "CREATE TABLE public.notes (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,"
    " owner_id bigint NOT NULL REFERENCES public.users (id), box_id bigint REFERENCES public.boxes (id), title text);"
    "COMMENT ON TABLE public.notes IS 'Notes. @api(expose, owner(owner_id))';"
    "CREATE TABLE public.files (id bigint PRIMARY KEY, box_id bigint REFERENCES public.boxes (id));"
    "COMMENT ON TABLE public.files IS 'Files. @api(expose, admin)';"
    "CREATE TABLE public.ads (id bigint PRIMARY KEY, owner_id bigint NOT NULL,"
    " note_id bigint REFERENCES public.notes (id));"
    "COMMENT ON TABLE public.ads IS 'Ads. @api(expose, owner(owner_id), public_read)';"
    "COMMENT ON COLUMN public.ads.note_id IS 'Note. @api(private)';"
    "INSERT INTO public.boxes (name, parent_id, keeper, tags, deleted_at) VALUES ('a', NULL, NULL, '{x,y}', NULL),"
    " ('b', 1, 'a', NULL, NULL), ('c', 2, 'b', NULL, now()), ('d', 3, 'c', NULL, NULL)";

static struct live live;

static void open_boxes(void) {
    live_open(&live, ddl);
    live_exec(&live, "INSERT INTO public.notes (owner_id, box_id, title) VALUES (2, 1, 'anns'), (3, 1, 'bobs'),"
                     " (2, NULL, 'loose'), (2, 2, 'second')");
    live_exec(&live, "INSERT INTO public.ads VALUES (1, 2, 1), (2, 3, 2)");
}

static void close_boxes(void) {
    live_close(&live);
}

TestSuite(expand, .init = open_boxes, .fini = close_boxes, .timeout = 60);

#define EXPECT(answer, code) cr_expect_eq((answer)->status, code, "%d %s", (answer)->status, (answer)->body)
#define GET(path, token) live_ask(&live, "GET", path, token, NULL, NULL)

Test(expand, what_rows_refer_to) {
    struct answer *a = GET("/boxes?expand=parent&fields=id&sort=id", live.ann);
    EXPECT(a, 200);
    cr_expect_str_eq(column_of(&live, a, "parent"),
                     "null,{\"id\":1,\"name\":\"a\",\"parent_id\":null,\"keeper\":null,\"tags\":[\"x\", \"y\"]},null",
                     "the last one's is in the trash: %s", column_of(&live, a, "parent"));
    a = GET("/boxes/2?expand=parent,keeper__row&fields=name", live.ann);
    EXPECT(a, 200);
    cr_expect_not_null(strstr(a->body, "{\"name\":\"b\",\"parent\":{\"id\":1,"), "%s", a->body);
    cr_expect_not_null(strstr(a->body, "\"keeper__row\":{\"id\":1,"), "%s", a->body);
    cr_expect_str_eq(header_of(&live, a, "ETag"), "-", "it would not speak of the other rows");
    EXPECT(GET("/boxes/3?expand=parent", live.ann), 404);
}

Test(expand, what_refers_to_rows) {
    struct answer *a = GET("/boxes?expand=notes&fields=id&sort=-id", live.ann);
    EXPECT(a, 200);
    cr_expect_str_eq(column_of(&live, a, "notes"), "[],[{\"id\":4,\"owner_id\":2,\"box_id\":2,\"title\":\"second\"}],"
                                                   "[{\"id\":1,\"owner_id\":2,\"box_id\":1,\"title\":\"anns\"}]",
                     "%s", column_of(&live, a, "notes"));
    a = GET("/boxes/1?expand=notes&fields=id", live.admin);
    cr_expect_eq(cab_json_count(cab_json_get(a->json, "notes")), 2);
    a = GET("/boxes/1?expand=boxes__parent_id,notes__box_id&fields=id", live.bob);
    EXPECT(a, 200);
    cr_expect_eq(cab_json_count(cab_json_get(a->json, "boxes__parent_id")), 1);
    cr_expect_eq(cab_json_count(cab_json_get(a->json, "notes__box_id")), 1);
    live_exec(&live, "INSERT INTO public.notes (owner_id, box_id) SELECT 2, 4 FROM generate_series(1, 150)");
    a = GET("/boxes/4?expand=notes", live.ann);
    cr_expect_eq(cab_json_count(cab_json_get(a->json, "notes")), 100);
}

Test(expand, people_are_shown_in_part) {
    struct answer *a = GET("/notes?expand=owner&sort=id&fields=id", live.admin);
    EXPECT(a, 200);
    const char *owners = column_of(&live, a, "owner");
    cr_expect_not_null(strstr(owners, "ann@example.org"), "%s", owners);
    a = GET("/ads?expand=note&sort=id&fields=id", live.bob);
    EXPECT(a, 200);
    cr_expect_str_eq(column_of(&live, a, "note"), "null,{\"id\":2,\"owner_id\":3,\"box_id\":1,\"title\":\"bobs\"}",
                     "%s", column_of(&live, a, "note"));
    a = GET("/users?expand=notes&fields=id&sort=id", live.ann);
    EXPECT(a, 200);
    cr_expect_null(strstr(a->body, "bobs"), "%s", a->body);
    EXPECT(GET("/ads?expand=note", NULL), 422);
    EXPECT(GET("/notes/1?expand=ads", live.ann), 403);
    EXPECT(GET("/notes/1?expand=ads", live.admin), 200);
}

Test(expand, names) {
    struct answer *a = GET("/boxes?expand=note", live.ann);
    EXPECT(a, 422);
    cr_expect_not_null(strstr(a->body, "did you mean notes?"), "%s", a->body);
    EXPECT(GET("/boxes?expand=files", live.ann), 422);
    EXPECT(GET("/boxes?expand=files", live.admin), 200);
    EXPECT(GET("/boxes/1?expand=", live.ann), 422);
    EXPECT(GET("/boxes/1?expand=notes,notes", live.ann), 422);
    EXPECT(live_ask(&live, "PATCH", "/boxes/1?expand=notes", live.ann, "{\"name\":\"x\"}", NULL), 400);
}
