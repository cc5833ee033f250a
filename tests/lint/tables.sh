# shellcheck shell=sh
# Tables and what is written about them elsewhere: settings, routes, problems, FastCGI parameters.

settings() { sed -nE 's/^ *(TEXT|NUMBER|FLAG|WORD)\("([A-Z_]+)".*/\2/p' src/conf/settings.c | sort; }

settings | while read -r name; do
    grep -qE "^#? ?$name=" deploy/cabinet.env 2>/dev/null || echo "$name is not in deploy/cabinet.env"
    grep -qE "^\| \`$name\`" README.md 2>/dev/null || echo "$name is not in the table of README.md"
done | none "each setting is documented"
{
    sed -nE 's/^#? ?([A-Z][A-Z_]+)=.*/\1/p' deploy/cabinet.env
    sed -nE 's/^\| `([A-Z][A-Z_]+)` \|.*/\1/p' README.md
} | sort -u | while read -r name; do
    settings | grep -qx "$name" || echo "$name is documented and does not exist"
done | none "each documented setting exists"
# The default in the table of README.md is that of the program.
settings | while read -r name; do
    fallback=$(sed -nE "s/^ *(NUMBER|FLAG|WORD)\\(\"$name\", [a-z_]+, \"([^\"]*)\".*/\\2/p; s/^ *TEXT\\(\"$name\".*\\.fallback = \"([^\"]*)\".*/\\1/p" src/conf/settings.c)
    shown=$(sed -nE "s/^\\| \`$name\` \\| ([^|]*) \\|.*/\\1/p" README.md | sed -E 's/ *$//; s/^`([^`]*)`.*/\1/')
    [ -z "$fallback" ] || [ "$fallback" = "$shown" ] || echo "$name: $fallback in the program, $shown in README.md"
done | none "README.md shows the defaults of the program"

# Words of annotations and commands of the operator, each with its entry in the manual.
sed -nE 's/^    \{ "([a-z_]+)", CAB_ON_.*/\1/p' src/db/annotation.c | while read -r word; do
    grep -qE "^\.B(I|) $word(\(|\$| )" deploy/man/cabinet-models.7 || echo "$word is not in cabinet-models(7)"
done | none "each word of an annotation is in the manual"
sed -nE 's/^    \{ "([a-z -]+)", (NULL|"[^"]*"), (TAKES|0).*/\1/p' src/admin/cabinet-admin.c | while read -r words; do
    sed 's/\\-/-/g' deploy/man/cabinet-admin.8 | grep -qE "^\.B(I|) \"?$words( |\$|\")" || echo "$words is not in cabinet-admin(8)"
done | none "each command of cabinet-admin is in the manual"

routes() {
    tr '\n' ' ' < src/daemon/routes.c | grep -oE '\{ CAB_[A-Z]+, "[^"]+"' |
        sed -E 's/\{ CAB_([A-Z]+), "(!?)([^"]+)"/\1 \2\3/; s| !| |'
}
routes | while read -r method path; do
    grep -rqF "$method $path" deploy/man README.md 2>/dev/null ||
        { sed 's/\\-/-/g; s/\\e//g' deploy/man/* 2>/dev/null | grep -qF "$method $path"; } || echo "$method $path"
done | none "each route is documented"

# Routes that hash passwords go to the pool that does.
tr '\n' ' ' < src/daemon/routes.c | grep -oE '\{ CAB_[A-Z]+, "[^"]+", [A-Z_]+, [A-Z_]+, [A-Z_()0-9]+, true,' |
    sed -E 's/\{ CAB_([A-Z]+), "([^"]+)".*/\1 \/api\/v1\2/' | while read -r method path; do
    awk -v request="$method $path" '
        /^map "\$request_method/ { inside = 1; next }
        inside && /^}/ { inside = 0 }
        inside && $NF ~ /^(hash|login|oauth);$/ {
            pattern = $0; sub(/^ *"/, "", pattern); sub(/" +[a-z]+;$/, "", pattern)
            if (sub(/^~/, "", pattern) ? request ~ pattern : request == pattern) found = 1
        }
        END { exit !found }' deploy/nginx/maps.conf || echo "$method $path"
done | none "nginx sends routes that hash passwords to their pool"

{
    cat src/http/*.h | tr '\n' ' ' | grep -oE 'row\([A-Z_]+\)' | sed 's/row(//; s/)//' | sort > "${TMPDIR:-/tmp}/lint-a.$$"
    sed -nE 's/^fastcgi_param +([A-Z_]+) .*/\1/p' deploy/nginx/fastcgi.conf | sort > "${TMPDIR:-/tmp}/lint-b.$$"
    diff "${TMPDIR:-/tmp}/lint-a.$$" "${TMPDIR:-/tmp}/lint-b.$$" | grep '^[<>]'
    rm -f "${TMPDIR:-/tmp}/lint-a.$$" "${TMPDIR:-/tmp}/lint-b.$$"
} | none "nginx passes the parameters that workers read"

grep -oE '"title":"[^"]*","status":[0-9]+.*"code":"[a-z_]+"' deploy/nginx/problems.conf |
    sed -E 's/"title":"([^"]*)","status":([0-9]+).*"code":"([a-z_]+)"/\2, "\3", "\1"/' | sort -u | while read -r row; do
    grep -qF ", $row," include/cabinet/problems.def || echo "$row is not a row of problems.def"
done | none "problems of nginx are those of the table"

files -path './src/sql/*.sql' | while read -r file; do
    head -n 1 "$file" | grep -q '^--' || echo "$file"
done | none "each fixed statement says what its values are"
