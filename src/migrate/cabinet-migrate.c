/*
 * The program cabinet-migrate; everything it does is in libcabinet.
 */
#include <cabinet/migrate.h>

int main(int argc, char **argv) {
    return cab_migrate_main(argc, argv);
}
