# shellcheck shell=sh
# What no C file may hold: unbounded calls, memory by hand, long files and lines, unfinished work.

grep -rnE '\b(strcpy|strcat|sprintf|vsprintf|gets|alloca|system|popen)\(' src include --include='*.c' --include='*.h' |
    none "no unbounded or shell calls"
grep -rnE '\b(malloc|calloc|realloc|strdup|strndup|asprintf)\(' src --include='*.c' --include='*.h' | grep -vE '^src/base/memory\.c:|^[^:]*:[0-9]+: *(/\*|\*)' |
    none "memory comes from the tree of contexts"
files -path './src/*' -name '*.[ch]' -exec awk 'FNR == 601 { print FILENAME ": more than 600 lines" }' {} + | grep -v '^[^:]*$' |
    none "no source file has more than 600 lines"
files \( -path './src/*' -o -path './include/*' -o -path './tests/*' \) -name '*.[ch]' | while read -r file; do
    LC_ALL=C.UTF-8 grep -nE '^.{121,}' "$file" | cut -c1-80 | sed "s|^|$file:|"
done | none "no line has more than 120 columns"
files \( -path './src/*' -o -path './tests/api/*' \) -name '*.[ch]' | while read -r file; do
    head -n 1 "$file" | grep -qE '^(/\*|#define _GNU_SOURCE)' || echo "$file"
done | none "each source file begins with what it is for"
grep -rnE 'PQexec\(|SELECT \*|RETURNING \*' src --include='*.c' --include='*.sql' | grep -v '^src/db/' |
    none "statements are bound and list their columns"

# The words are put together here, so that this file does not hold them.
unfinished="TO""DO|FIX""ME|XX""X|[Nn]ot imple""mented|\\b[Ss]tu""b\\b"
grep -rnE "\\b($unfinished)\\b" src include deploy tests migrations README.md NEWS.md configure.ac Makefile.am \
    --exclude-dir=viewer 2>/dev/null | none "nothing unfinished"
machine="/wo""rk/|/fa""rm/|/tmp/""corpus|/tmp/""build-"
grep -rnE "$machine" src include deploy tests migrations README.md NEWS.md configure.ac Makefile.am .ci 2>/dev/null |
    none "no path of one machine"
