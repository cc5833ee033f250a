/*
 * The differ alone, for the cases of tests/migrate/cases: prints the script from one database to another.
 */
#include <stdio.h>
#include <string.h>

#include "migrate/diff/diff.h"

int main(int argc, char **argv) {
    bool careful = argc == 4 && strcmp(argv[3], "--careful") == 0;

    if (argc < 3) {
        fprintf(stderr, "usage: diff_driver FROM TO [--careful]\n");
        return 2;
    }
    return cab_migrate_diff(argv[1], argv[2], careful);
}
