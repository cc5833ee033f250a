/*
 * A catalog made by hand, for tests and fuzz targets that need no database.
 */
#ifndef TESTS_UNIT_RESOURCE_TABLES_H
#define TESTS_UNIT_RESOURCE_TABLES_H

#include <cabinet/catalog.h>

/*
 * users: key and owner id; email private and searched, username public and searched, is_verified and oauth_provider
 * readonly, date_created public; trash and versions.
 * notes: key id, owner owner_id; title searched, a__b and a, body nullable, rank smallint nullable; trash and versions.
 * kinds: key id uuid; a column of every kind, nearly all nullable; order(n descending).
 */
const struct cab_catalog *fixture_catalog(void);

#endif
