/*
 * The policy: expected answers written out for the kinds of tables there are, then laws checked over every combination
 * of caller, table flags, column flags and operation.
 */
#include <criterion/criterion.h>
#include <string.h>

#include "settings.h"

enum { ID, OWNER, PLAIN, PRIVATE, READONLY, WRITEONCE, ADMIN, HIDDEN, PUBLIC, CREATED, N_COLUMNS };

/* A table with a column of each kind; flags are set by the tests. */
struct sample {
    struct cab_column columns[N_COLUMNS];
    struct cab_table table;
};

enum {
    HAS_OWNER = 1,
    HAS_PUBLIC = 2,
    IS_PUBLIC_READ = 4,
    IS_ADMIN = 8,
    IS_READONLY = 16,
    HAS_TRASH = 32,
    IS_VIEW = 64,
    NOT_EXPOSED = 128,
    IS_DIRECTORY = 256,
    N_FLAGS = 512
};

static void make(struct sample *sample, unsigned flags) {
    memset(sample, 0, sizeof *sample);
    struct cab_column *c = sample->columns;
    const char *const names[N_COLUMNS] = { "id",        "owner_id", "plain",  "private", "readonly",
                                           "writeonce", "admin",    "hidden", "public",  "date_created" };
    for (int i = 0; i < N_COLUMNS; i++)
        c[i].name = names[i];
    c[ID].is_identity = c[ID].is_system = c[OWNER].is_system = c[CREATED].is_system = true;
    c[PRIVATE].is_private = c[READONLY].is_readonly = c[WRITEONCE].is_writeonce = true;
    c[ADMIN].is_admin = c[HIDDEN].is_hidden = true;
    c[PUBLIC].is_public = (flags & HAS_PUBLIC) != 0;
    sample->table = (struct cab_table){
        .name = "sample",
        .schema = "public",
        .columns = c,
        .n_columns = N_COLUMNS,
        .key = &c[ID],
        .owner = (flags & IS_DIRECTORY) ? &c[ID]
                 : (flags & HAS_OWNER)  ? &c[OWNER]
                                        : NULL,
        .is_exposed = !(flags & NOT_EXPOSED),
        .is_public_read = (flags & IS_PUBLIC_READ) != 0,
        .is_admin = (flags & IS_ADMIN) != 0,
        .is_readonly = (flags & IS_READONLY) != 0,
        .is_soft_delete = (flags & HAS_TRASH) != 0,
        .is_view = (flags & IS_VIEW) != 0,
    };
}

static const struct cab_caller anonymous = { 0 };
static const struct cab_caller user = { .is_signed_in = true, .user_id = 5, .user_id_text = "5" };
static const struct cab_caller admin = { .is_signed_in = true, .is_admin = true, .user_id = 1, .user_id_text = "1" };
static const struct cab_caller impostor = { .is_admin = true }; /* a claim without a session */

static const enum cab_op ops[] = { CAB_OP_READ,   CAB_OP_LIST,    CAB_OP_CREATE, CAB_OP_UPDATE,
                                   CAB_OP_DELETE, CAB_OP_RESTORE, CAB_OP_PURGE,  CAB_OP_TRASH };
_Static_assert(CAB_LENGTH(ops) == CAB_OP__MAX - 1, "every operation is tried");

/* One letter each for read, list, create, update, delete, restore, purge, trash: - none, o own, A all. */
static void check_rows(const char *what, unsigned flags, const struct cab_caller *caller, const char *expected) {
    struct sample sample;
    char got[CAB_LENGTH(ops) + 1] = "";
    make(&sample, flags);
    for (size_t i = 0; i < CAB_LENGTH(ops); i++)
        got[i] = "?-oA"[cab_policy_rows(caller, &sample.table, ops[i])];
    cr_expect_str_eq(got, expected, "%s: %s instead of %s", what, got, expected);
}

Test(policy, rows_by_kind_of_table_and_caller) {
    static const struct {
        const char *what;
        unsigned flags;
        const char *anonymous, *user, *admin;
    } rows[] = {
        { "shared table", 0, "--------", "AAAAA---", "AAAAA-A-" },
        { "shared table with trash", HAS_TRASH, "--------", "AAAAAA--", "AAAAAAAA" },
        { "owned table", HAS_OWNER, "--------", "ooooo---", "AAAAA-A-" },
        { "owned table with trash", HAS_OWNER | HAS_TRASH, "--------", "oooooo--", "AAAAAAAA" },
        { "owned table shown in part", HAS_OWNER | HAS_PUBLIC, "--------", "AAooo---", "AAAAA-A-" },
        { "people", IS_DIRECTORY | HAS_PUBLIC | HAS_TRASH, "--------", "AAoooo--", "AAAAAAAA" },
        { "owned table for everybody", HAS_OWNER | IS_PUBLIC_READ, "AA------", "AAooo---", "AAAAA-A-" },
        { "shared table for everybody", IS_PUBLIC_READ, "AA------", "AAAAA---", "AAAAA-A-" },
        { "read-only table", IS_READONLY, "--------", "AA------", "AA------" },
        { "read-only table with trash", IS_READONLY | HAS_TRASH, "--------", "AA------", "AA-----A" },
        { "view for everybody", IS_VIEW | IS_PUBLIC_READ, "AA------", "AA------", "AA------" },
        { "admin table", IS_ADMIN, "--------", "--------", "AAAAA-A-" },
        { "admin table that says public_read", IS_ADMIN | IS_PUBLIC_READ, "--------", "--------", "AAAAA-A-" },
        { "the audit trail", IS_ADMIN | IS_READONLY, "--------", "--------", "AA------" },
        { "not exposed", NOT_EXPOSED | IS_PUBLIC_READ | HAS_TRASH, "--------", "--------", "--------" },
    };
    for (size_t i = 0; i < CAB_LENGTH(rows); i++) {
        check_rows(rows[i].what, rows[i].flags, &anonymous, rows[i].anonymous);
        check_rows(rows[i].what, rows[i].flags, &impostor, rows[i].anonymous);
        check_rows(rows[i].what, rows[i].flags, &user, rows[i].user);
        check_rows(rows[i].what, rows[i].flags, &admin, rows[i].admin);
    }
}

/* One letter for each column of the sample, in its order; what: r read, c create, u update. */
static void check_columns(const char *what, unsigned flags, const struct cab_caller *caller, char access,
                          const char *expected) {
    struct sample sample;
    char got[N_COLUMNS + 1] = "";
    make(&sample, flags);
    for (int i = 0; i < N_COLUMNS; i++) {
        const struct cab_column *column = &sample.columns[i];
        got[i] = "?-oA"[access == 'r'   ? cab_policy_read(caller, &sample.table, column)
                        : access == 'c' ? cab_policy_write(caller, &sample.table, column, CAB_OP_CREATE)
                                        : cab_policy_write(caller, &sample.table, column, CAB_OP_UPDATE)];
    }
    cr_expect_str_eq(got, expected, "%s %c: %s instead of %s", what, access, got, expected);
}

Test(policy, columns_by_kind_of_table_and_caller) {
    /* id owner plain private readonly writeonce admin hidden public created */
    static const struct {
        const char *what;
        unsigned flags;
        const char *r[3], *c[3], *u[3];
    } rows[] = {
        { "shared table",
          0,
          { "----------", "AAA-AA--AA", "AAAAAAA-AA" },
          { "----------", "--A--A--A-", "--AAAAA-A-" },
          { "----------", "--A-----A-", "--AAA-A-A-" } },
        { "owned table",
          HAS_OWNER,
          { "----------", "AAAAAA--AA", "AAAAAAA-AA" },
          { "----------", "--AA-A--A-", "--AAAAA-A-" },
          { "----------", "--AA----A-", "--AAA-A-A-" } },
        { "people",
          IS_DIRECTORY | HAS_PUBLIC,
          { "----------", "Aooooo--Ao", "AAAAAAA-AA" },
          { "----------", "--AA-A--A-", "--AAAAA-A-" },
          { "----------", "--AA----A-", "--AAA-A-A-" } },
        { "owned table for everybody",
          HAS_OWNER | IS_PUBLIC_READ,
          { "AAA-AA--AA", "AAAoAA--AA", "AAAAAAA-AA" },
          { "----------", "--AA-A--A-", "--AAAAA-A-" },
          { "----------", "--AA----A-", "--AAA-A-A-" } },
        { "shared table for everybody",
          IS_PUBLIC_READ,
          { "AAA-AA--AA", "AAA-AA--AA", "AAAAAAA-AA" },
          { "----------", "--A--A--A-", "--AAAAA-A-" },
          { "----------", "--A-----A-", "--AAA-A-A-" } },
        { "admin table",
          IS_ADMIN,
          { "----------", "----------", "AAAAAAA-AA" },
          { "----------", "----------", "--AAAAA-A-" },
          { "----------", "----------", "--AAA-A-A-" } },
        { "read-only table",
          IS_READONLY,
          { "----------", "AAA-AA--AA", "AAAAAAA-AA" },
          { "----------", "----------", "----------" },
          { "----------", "----------", "----------" } },
        { "not exposed",
          NOT_EXPOSED,
          { "----------", "----------", "----------" },
          { "----------", "----------", "----------" },
          { "----------", "----------", "----------" } },
    };
    const struct cab_caller *const callers[] = { &anonymous, &user, &admin };
    for (size_t i = 0; i < CAB_LENGTH(rows); i++)
        for (size_t k = 0; k < CAB_LENGTH(callers); k++) {
            check_columns(rows[i].what, rows[i].flags, callers[k], 'r', rows[i].r[k]);
            check_columns(rows[i].what, rows[i].flags, callers[k], 'c', rows[i].c[k]);
            check_columns(rows[i].what, rows[i].flags, callers[k], 'u', rows[i].u[k]);
        }
}

Test(policy, the_directory_setting_opens_and_closes_the_view_of_others) {
    struct cab_caller caller = user;
    unsigned people = IS_DIRECTORY | HAS_PUBLIC | HAS_TRASH;

    caller.directory = CAB_DIRECTORY_MINIMAL;
    check_columns("minimal", people, &caller, 'r', "Aooooo--Ao");
    caller.directory = CAB_DIRECTORY_OFF;
    check_rows("off", people, &caller, "oooooo--");
    check_columns("off", people, &caller, 'r', "AAAAAA--AA");
    caller.directory = CAB_DIRECTORY_FULL;
    check_rows("full", people, &caller, "AAoooo--");
    check_columns("full", people, &caller, 'r',
                  "AoAooA--Ao"); /* the owner column of the sample counts as a system column */
    /* it concerns people only */
    caller.directory = CAB_DIRECTORY_OFF;
    check_rows("off, notes", HAS_OWNER | HAS_PUBLIC, &caller, "AAooo---");

    struct cab_conf conf = test_settings();
    cr_assert_eq(cab_directory(&conf), CAB_DIRECTORY_MINIMAL);
    conf.user_directory = "off";
    cr_assert_eq(cab_directory(&conf), CAB_DIRECTORY_OFF);
    conf.user_directory = "full";
    cr_assert_eq(cab_directory(&conf), CAB_DIRECTORY_FULL);
    conf.user_directory = NULL;
    cr_assert_eq(cab_directory(&conf), CAB_DIRECTORY_MINIMAL);
}

/* Laws that hold for every table and caller. */
Test(policy, laws_hold_for_every_combination) {
    const enum cab_directory directories[] = { CAB_DIRECTORY_MINIMAL, CAB_DIRECTORY_OFF, CAB_DIRECTORY_FULL };
    struct sample sample;
    const struct cab_table *table = &sample.table;

    for (unsigned flags = 0; flags < N_FLAGS; flags++)
        for (size_t d = 0; d < CAB_LENGTH(directories); d++) {
            struct cab_caller signed_in = user;
            signed_in.directory = directories[d];
            make(&sample, flags);
            for (size_t i = 0; i < CAB_LENGTH(ops); i++) {
                enum cab_rows nobody = cab_policy_rows(&anonymous, table, ops[i]),
                              someone = cab_policy_rows(&signed_in, table, ops[i]),
                              all = cab_policy_rows(&admin, table, ops[i]);
                bool is_read = ops[i] == CAB_OP_READ || ops[i] == CAB_OP_LIST;
                cr_assert(nobody <= someone && someone <= all, "more rights for less, flags %x op %d", flags, ops[i]);
                cr_assert(!(flags & NOT_EXPOSED) || all == CAB_ROWS_NONE);
                cr_assert(is_read || nobody == CAB_ROWS_NONE);
                cr_assert(is_read || ops[i] == CAB_OP_TRASH || !(flags & (IS_READONLY | IS_VIEW)) ||
                          all == CAB_ROWS_NONE);
                cr_assert(!(flags & IS_ADMIN) || someone == CAB_ROWS_NONE);
                cr_assert((ops[i] != CAB_OP_PURGE && ops[i] != CAB_OP_TRASH) || someone == CAB_ROWS_NONE);
                cr_assert(is_read || !(flags & (HAS_OWNER | IS_DIRECTORY)) || someone != CAB_ROWS_ALL);
            }
            for (int c = 0; c < N_COLUMNS; c++) {
                const struct cab_column *column = &sample.columns[c];
                enum cab_column_access nobody = cab_policy_read(&anonymous, table, column),
                                       someone = cab_policy_read(&signed_in, table, column),
                                       all = cab_policy_read(&admin, table, column);
                cr_assert(nobody <= someone && someone <= all, "flags %x column %s", flags, column->name);
                cr_assert(c != HIDDEN || all == CAB_COLUMN_NONE);
                cr_assert(c != ADMIN || someone == CAB_COLUMN_NONE);
                cr_assert(c != PRIVATE || nobody == CAB_COLUMN_NONE);
                cr_assert(someone != CAB_COLUMN_OWN || table->owner != NULL);
                cr_assert(someone == CAB_COLUMN_NONE ||
                          cab_policy_rows(&signed_in, table, CAB_OP_READ) != CAB_ROWS_NONE);
                for (enum cab_op op = CAB_OP_CREATE; op <= CAB_OP_UPDATE; op++) {
                    enum cab_column_access writer = cab_policy_write(&signed_in, table, column, op),
                                           ruler = cab_policy_write(&admin, table, column, op);
                    cr_assert_eq(cab_policy_write(&anonymous, table, column, op), CAB_COLUMN_NONE);
                    cr_assert(writer <= ruler);
                    cr_assert((c != HIDDEN && !column->is_system) || ruler == CAB_COLUMN_NONE);
                    cr_assert((c != ADMIN && c != READONLY) || writer == CAB_COLUMN_NONE);
                    cr_assert(c != WRITEONCE || op == CAB_OP_CREATE || ruler == CAB_COLUMN_NONE);
                    cr_assert(writer == CAB_COLUMN_NONE || someone != CAB_COLUMN_NONE, "written but never read");
                }
            }
        }
}

Test(policy, scopes_only_take_away) {
    static const struct { const char *scopes; enum cab_op op; bool allowed; } cases[] = {
        { NULL, CAB_OP_PURGE, true },
        { " read ", CAB_OP_READ, true },
        { " read ", CAB_OP_LIST, true },
        { " read ", CAB_OP_UPDATE, false },
        { " write ", CAB_OP_READ, true },
        { " write ", CAB_OP_DELETE, true },
        { " admin ", CAB_OP_PURGE, true },
        { " notes:read ", CAB_OP_LIST, true },
        { " notes:read ", CAB_OP_CREATE, false },
        { " users:write notes:write ", CAB_OP_RESTORE, true },
        { " notes2:read xnotes:read notes:reading otes:read ", CAB_OP_READ, false },
        { " users:write ", CAB_OP_READ, false },
        { "  ", CAB_OP_READ, false },
    };
    struct cab_table table = { .schema = "public", .name = "notes", .is_exposed = true };
    for (size_t i = 0; i < CAB_LENGTH(cases); i++) {
        struct cab_caller caller = { .is_signed_in = true, .is_admin = true, .scopes = cases[i].scopes };
        cr_expect_eq(cab_scope_allows(&caller, &table, cases[i].op), cases[i].allowed, "%zu", i);
    }
    cr_expect_eq(cab_policy_rows(&(struct cab_caller){ .is_signed_in = true, .is_admin = true, .scopes = " read " },
                                 &table, CAB_OP_UPDATE), CAB_ROWS_NONE);
    cr_expect(cab_scope_is("notes:read") && cab_scope_is("admin") && cab_scope_is("write"));
    cr_expect(!cab_scope_is("notes") && !cab_scope_is(":read") && !cab_scope_is("a b:read") && !cab_scope_is("") &&
              !cab_scope_is("admin:read:write") && !cab_scope_is("notes:readx"));
}
