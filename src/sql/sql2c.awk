# Turns the statements of src/sql/*.sql into C: a header with -v part=header, the texts with -v part=source.
# Comment lines stay in the SQL files; what is left of a statement loses its indentation and its final semicolon.
function finish() {
    if (name == "")
        return
    sub(/ *;? *$/, "", text)
    gsub(/\\/, "\\\\&", text)
    gsub(/"/, "\\\"", text)
    if (part == "header")
        printf "extern const char cab_sql_text_%s[];\n", name
    else {
        printf "const char cab_sql_text_%s[] =", name
        n = split(text, words, "\n")
        for (i = 1; i <= n; i++)
            printf "\n    \"%s%s\"", words[i], i < n ? "\\n" : ""
        print ";"
    }
    names[++count] = name
}
FNR == 1 {
    finish()
    name = FILENAME
    sub(/.*\//, "", name)
    sub(/\.sql$/, "", name)
    text = ""
}
/^[ \t]*--/ || /^[ \t]*$/ { next }
{ text = text == "" ? $0 : text "\n" $0 }
BEGIN {
    print "/* Generated from src/sql by sql2c.awk. */"
    if (part == "header")
        print "#ifndef CABINET_STATEMENTS_H\n#define CABINET_STATEMENTS_H\n"
    else
        print "#include \"statements.h\"\n#include <stddef.h>\n"
}
END {
    finish()
    if (part == "header")
        print "\n/* All of them, ended by a row without a name. */\n" \
              "struct cab_sql_text { const char *name, *text; };\nextern const struct cab_sql_text cab_sql_texts[];\n\n#endif"
    else {
        print "\nconst struct cab_sql_text cab_sql_texts[] = {"
        for (i = 1; i <= count; i++)
            printf "    { \"%s\", cab_sql_text_%s },\n", names[i], names[i]
        print "    { NULL, NULL },\n};"
    }
}
