/*
 * Types: which kind a column's type is, and what its modifier says of length and precision.
 */
#include "catalog_private.h"
#include <string.h>

/* Object ids of built-in types are fixed for ever. */
static const struct { uint32_t oid; enum cab_kind kind; } kinds[] = {
    { 16, CAB_KIND_BOOL },      { 17, CAB_KIND_BYTEA },        { 19, CAB_KIND_TEXT },     { 20, CAB_KIND_INT8 },
    { 21, CAB_KIND_INT2 },      { 23, CAB_KIND_INT4 },         { 25, CAB_KIND_TEXT },     { 114, CAB_KIND_JSON },
    { 650, CAB_KIND_INET },     { 700, CAB_KIND_FLOAT },       { 701, CAB_KIND_FLOAT },   { 774, CAB_KIND_INET },
    { 829, CAB_KIND_INET },     { 869, CAB_KIND_INET },        { 1042, CAB_KIND_TEXT },   { 1043, CAB_KIND_TEXT },
    { 1082, CAB_KIND_DATE },    { 1083, CAB_KIND_TIME },       { 1114, CAB_KIND_TIMESTAMP },
    { 1184, CAB_KIND_TIMESTAMPTZ }, { 1186, CAB_KIND_INTERVAL }, { 1266, CAB_KIND_TIME }, { 1700, CAB_KIND_NUMERIC },
    { 2950, CAB_KIND_UUID },    { 3802, CAB_KIND_JSON },
};

enum cab_kind cab_kind_of(uint32_t oid, char typtype, char category, const char *name) {
    for (size_t i = 0; i < CAB_LENGTH(kinds); i++)
        if (kinds[i].oid == oid)
            return kinds[i].kind;
    if (category == 'A')
        return CAB_KIND_ARRAY;
    switch (typtype) {
    case 'e':
        return CAB_KIND_ENUM;
    case 'r':
    case 'm':
        return CAB_KIND_RANGE;
    case 'c':
        return CAB_KIND_COMPOSITE;
    default:
        return strcmp(name, "citext") == 0 ? CAB_KIND_TEXT : CAB_KIND_OTHER;
    }
}

void cab_kind_limits(struct cab_column *column, uint32_t oid, int typmod) {
    enum { HEADER = 4 }; /* bytes that modifiers of these types count in */
    if (typmod < HEADER)
        return;
    typmod -= HEADER;
    if (oid == 1042 || oid == 1043) {
        column->max_length = typmod;
    } else if (oid == 1700) {
        column->numeric_precision = typmod >> 16 & 0xffff;
        column->numeric_scale = ((typmod & 0x7ff) ^ 1024) - 1024;
    }
}
