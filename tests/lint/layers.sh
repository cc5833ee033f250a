# shellcheck shell=sh
# Layers include downwards only, and each foreign library is known to one module.

# layer, then the contracts (include/cabinet) and folders (src) it may include
allowed_layers='base base counters problems shared
conf base conf
net base net
db base conf db catalog sql statements
http base http json
http+ base http json auth conf db catalog route shared statements
auth base conf db catalog auth shared statements
resource base conf db catalog auth http route resource statements
audit base conf db catalog auth http route resource audit statements
mail base conf net db catalog auth mail statements
mail base conf db catalog auth http route mail statements
oauth base conf net auth http oauth
account base conf db catalog auth http route resource audit mail oauth account shared statements
migrate base conf db catalog diff migrate statements'

grep -rnE '^#include (<cabinet/|")' src --include='*.c' --include='*.h' | awk -v table="$allowed_layers" '
    BEGIN {
        n = split(table, rows, "\n")
        for (i = 1; i <= n; i++) {
            m = split(rows[i], word, " ")
            for (j = 2; j <= m; j++) allowed[word[1], word[j]] = 1
        }
    }
    {
        split($0, part, ":")
        split(part[1], path, "/")
        layer = path[2]
        if (layer == "daemon" || layer == "admin") next
        if (part[1] ~ /^src\/http\/(route|call|service|guard)[a-z_]*\.c$/ || part[1] ~ /^src\/http\/internal\.h$/) layer = "http+"
        name = part[3]
        sub(/^#include [<"](cabinet\/)?/, "", name)
        if (name ~ /\//) sub(/\/.*/, "", name); else if (part[3] ~ /"/ && name != "statements.h") next
        sub(/\.(h|def).*/, "", name)
        if (!((layer, name) in allowed)) print part[1] ":" part[2] ": " path[2] " includes " name
    }' | none "layers include downwards only"

{
    while read -r header modules; do
        grep -rnE "^#include <$header" src --include='*.c' --include='*.h' | grep -vE "^($modules):" |
            sed 's/$/   (foreign header of another module)/'
    done <<'END'
talloc\.h src/base/memory\.c
libpq-fe\.h src/db/[a-z_]*\.[ch]
fcgiapp\.h src/http/fcgi[a-z_]*\.[ch]
fcgi src/http/fcgi[a-z_]*\.[ch]
json-c/ src/http/json[a-z_]*\.c
jwt\.h src/auth/token\.c
argon2\.h src/auth/password\.c
liboath/ src/auth/totp\.c
openssl/ src/(base|auth|oauth)/(digest|mac|signature)\.c
curl/ src/net/[a-z_]*\.[ch]
END
} | none "foreign headers are included by one module each"
