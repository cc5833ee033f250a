/*
 * What an API key may do: words in its row.  They only ever take away from what its user may do.
 *
 *   read         read what the user reads as an ordinary user
 *   write        that, and write it
 *   TABLE:read, TABLE:write   the same for one table
 *   admin        everything, with the rights of a superuser where the user is one
 */
#include <cabinet/auth.h>
#include <string.h>

#define NAME_MAX_BYTES 63

/* Whether the word stands in scopes, a list with a space before and behind each word. */
static bool has(const char *scopes, const char *word, size_t n) {
    for (const char *at = scopes; (at = strstr(at, word)) != NULL; at++)
        if (at > scopes && at[-1] == ' ' && at[n] == ' ')
            return true;
    return false;
}

/* Whether scopes hold the right for all tables, or for this one. */
static bool grants(const char *scopes, const char *table, const char *right) {
    char word[NAME_MAX_BYTES + sizeof ":write"];
    size_t n_table = strlen(table), n_right = strlen(right);
    if (has(scopes, right, n_right))
        return true;
    if (n_table > NAME_MAX_BYTES || n_table + 1 + n_right >= sizeof word)
        return false;
    memcpy(word, table, n_table);
    word[n_table] = ':';
    memcpy(word + n_table + 1, right, n_right + 1);
    return has(scopes, word, n_table + 1 + n_right);
}

bool cab_scope_allows(const struct cab_caller *caller, const struct cab_table *table, enum cab_op op) {
    const char *scopes = caller->scopes;
    if (scopes == NULL || has(scopes, "admin", 5) || grants(scopes, table->name, "write"))
        return true;
    return (op == CAB_OP_READ || op == CAB_OP_LIST) && grants(scopes, table->name, "read");
}

bool cab_scope_is(const char *word) {
    if (strcmp(word, "read") == 0 || strcmp(word, "write") == 0 || strcmp(word, "admin") == 0)
        return true;
    const char *colon = strrchr(word, ':');
    if (colon == NULL || colon == word || (size_t)(colon - word) > NAME_MAX_BYTES)
        return false;
    for (const unsigned char *c = (const unsigned char *)word; c < (const unsigned char *)colon; c++)
        if (*c <= ' ' || *c == 0x7F || *c == ':')
            return false;
    return strcmp(colon, ":read") == 0 || strcmp(colon, ":write") == 0;
}
