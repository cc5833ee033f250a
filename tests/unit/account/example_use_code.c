/*
 * What the HTTP API does, from C: open the database, create a user, find one by e-mail.
 *
 *     cc example_use_code.c $(pkg-config --cflags --libs cabinet)
 */
#include <cabinet/account.h>
#include <stdio.h>

int main(int argc, char **argv) {
    struct cab_err err = { 0 };
    struct cab_conf *conf;
    struct cab_db *db;
    struct cab_user *user;
    void *mem = cab_mem_alloc(NULL, 1); /* everything below is freed with it */

    if (argc != 3) {
        fprintf(stderr, "usage: %s EMAIL USERNAME\n", argv[0]);
        return 2;
    }
    if (cab_conf_load(mem, NULL, NULL, &conf, &err) != 0)
        goto failed;
    struct cab_db_options options = { .url = conf->database_url, .application_name = "example", .prepared = true };
    if (cab_db_open(mem, &options, &db, &err) != 0)
        goto failed;

    struct cab_new_user new_user = { .email = argv[1],
                                     .username = argv[2],
                                     .password = "correct horse battery staple" };
    if (cab_user_create(mem, db, conf, &new_user, &user, &err) != 0)
        goto failed;
    printf("created %s\n", user->username);

    if (cab_user_find_by_email(mem, db, argv[1], &user, &err) == 1)
        printf("found %s\n", user->username);
    cab_mem_free(mem);
    return 0;

failed:
    fprintf(stderr, "%s\n", err.detail);
    for (const struct cab_flaw *flaw = err.flaws; flaw != NULL; flaw = flaw->next)
        fprintf(stderr, "%s: %s\n", flaw->name, flaw->detail);
    cab_mem_free(mem);
    return 1;
}
