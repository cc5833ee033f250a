/*
 * migrate/diff/facts_soft: what quoted routine bodies name.  The server records no dependencies for them, so their
 * words are looked up among the names of the catalog; such edges only decide an order where nothing firmer does.
 */
#include <ctype.h>
#include <string.h>

#include "facts.h"

struct name {
    const char *bare;
    struct cab_fact *fact;
};

static int compare_names(const void *a, const void *b) {
    return strcmp(((const struct name *)a)->bare, ((const struct name *)b)->bare);
}

static const char *bare_name(const struct cab_fact *fact) {
    switch (fact->kind) {
        case CAB_FACT_TABLE:
        case CAB_FACT_VIEW:
        case CAB_FACT_TYPE:
        case CAB_FACT_FUNCTION:
        case CAB_FACT_AGGREGATE: return cab_fact_get(fact, "bare");
        default: return NULL;
    }
}

/* The next identifier of text, folded to lower case where it is not quoted; NULL at the end. */
static const char *next_word(const char *text, char word[64]) {
    size_t n = 0;

    while (*text != '\0' && *text != '"' && *text != '_' && !isalpha((unsigned char)*text) &&
           (unsigned char)*text < 0x80)
        text++;
    if (*text == '\0')
        return NULL;
    if (*text == '"') {
        for (text++; *text != '\0' && *text != '"'; text++)
            if (n < 63)
                word[n++] = *text;
        text += *text == '"';
    } else {
        for (; *text == '_' || *text == '$' || isalnum((unsigned char)*text) || (unsigned char)*text >= 0x80; text++)
            if (n < 63)
                word[n++] = (char)tolower((unsigned char)*text);
    }
    word[n] = '\0';
    return text;
}

static int find_name(const struct name *names, int n, const char *word) {
    int low = 0, high = n;

    while (low < high) {
        int middle = low + (high - low) / 2;

        if (strcmp(names[middle].bare, word) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool is_listed(struct cab_fact *const *list, int n, const struct cab_fact *fact) {
    while (n-- > 0)
        if (list[n] == fact)
            return true;
    return false;
}

static void scan(struct cab_facts *facts, struct cab_fact *routine, const struct name *names, int n_names) {
    const char *at = cab_fact_get(routine, "body");
    struct cab_fact *found[256];
    char word[64];
    int n = 0, i;

    if (at == NULL)
        return;
    while ((at = next_word(at, word)) != NULL)
        for (i = find_name(names, n_names, word); i < n_names && strcmp(names[i].bare, word) == 0; i++)
            if (n < (int)CAB_LENGTH(found) && names[i].fact != routine && !is_listed(found, n, names[i].fact))
                found[n++] = names[i].fact;
    if (n == 0)
        return;
    routine->soft = cab_new_array(facts->ctx, struct cab_fact *, (size_t)n);
    memcpy(routine->soft, found, (size_t)n * sizeof(*found));
    routine->n_soft = n;
}

void cab_facts_scan_bodies(struct cab_facts *facts) {
    struct name *names = cab_new_array(facts->ctx, struct name, (size_t)facts->n_facts + 1);
    int i, n = 0;

    for (i = 0; i < facts->n_facts; i++) {
        const char *bare = bare_name(facts->facts[i]);

        if (bare != NULL)
            names[n++] = (struct name){ bare, facts->facts[i] };
    }
    cab_sort(names, (size_t)n, sizeof(*names), compare_names);
    for (i = facts->first[CAB_FACT_FUNCTION]; i < facts->first[CAB_FACT_FUNCTION + 1]; i++)
        scan(facts, facts->facts[i], names, n);
    cab_mem_free(names);
}
