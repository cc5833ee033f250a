#!/bin/sh
# The document of a running service that has the tables of models/: read by linters, made into types and into requests that
# are sent; and the example client.  Prints TAP.  usage: run.sh ROOT WORK-FOLDER, which keeps what npm installs
set -u
folder=$1/tests/documents client=$1/deploy/examples/react-admin/client.mjs work=$2
api=$CABINET_TEST_URL/api/v1
failed=0

# ok TITLE COMMAND…: shows what it printed where it fails.
ok() {
    title=$1
    shift
    if "$@" > "$work/output" 2>&1; then
        echo "ok - $title"
    else
        failed=1
        echo "not ok - $title"
        tail -n 40 "$work/output" | cut -c1-300 | sed 's/^/# /'
    fi
}

mkdir -p "$work" && cd "$work" || exit 1
if ! cmp -s "$folder/package-lock.json" package-lock.json || [ ! -e installed ]; then
    rm -f installed
    cp "$folder/package.json" "$folder/package-lock.json" "$folder/.npmrc" . &&
        npm ci > npm.log 2>&1 && touch installed || { tail -n 5 npm.log | sed 's/^/# /'; echo "Bail out! npm ci"; exit 1; }
fi
cp "$folder"/*.yaml "$folder"/*.ts "$folder"/*.mjs .
export PATH="$work/node_modules/.bin:$PATH" REDOCLY_TELEMETRY=off REDOCLY_SUPPRESS_UPDATE_NOTICE=true

token=$(curl -sS --noproxy '*' "$api/auth/login" --data-urlencode "username=$CABINET_TEST_ADMIN" \
    --data-urlencode "password=$CABINET_TEST_ADMIN_PASSWORD" | sed 's/.*"access_token": *"\([^"]*\)".*/\1/')
curl -sS --noproxy '*' "$api/openapi.json" > api-3.0.json && curl -sS --noproxy '*' "$api/openapi.json?version=3.1" > api-3.1.json || exit 1

for version in 3.0 3.1; do
    ok "OpenAPI $version: spectral, with the rules of OWASP, has nothing to say" \
        spectral lint --ruleset spectral.yaml --fail-severity=hint "api-$version.json"
    ok "OpenAPI $version: redocly has nothing to say" redocly lint --config redocly.yaml --format=stylish "api-$version.json"
    grep -qE 'warning|error' output && { failed=1; echo "not ok - redocly has warnings"; sed 's/^/# /' output; }
    ok "OpenAPI $version: openapi-typescript makes types" openapi-typescript "api-$version.json" -o api.ts
    ok "OpenAPI $version: tsc --strict compiles a client of them" tsc --strict --noEmit --target es2022 --moduleResolution node client.ts
done
# A spectral that finds nothing would be no test.
sed 's/"operationId":"get_notes"/"operationId":"get_users"/' api-3.0.json > wrong.json
if spectral lint --ruleset spectral.yaml wrong.json > output 2>&1; then
    failed=1
    echo "not ok - spectral finds a fault made on purpose"
else
    echo "ok - spectral finds a fault made on purpose"
fi

node portman.mjs > portman.json && node portman-filter.mjs api-3.0.json > portman-filter.json || exit 1
umask 077
printf 'PORTMAN_BEARER_TOKEN=%s\nPORTMAN_LOGIN_NAME=%s\nPORTMAN_LOGIN_PASSWORD=%s\n' "$token" "$CABINET_TEST_ADMIN" \
    "$CABINET_TEST_ADMIN_PASSWORD" > portman.env
rm -f collection.json
ok "portman makes contract and variation tests" portman --local api-3.0.json --baseUrl "$api" --portmanConfigFile portman.json \
    --filterFile portman-filter.json --envFile portman.env --extraUnknownFormats byte duration binary password \
    --output collection.json
node newman.mjs collection.json || failed=1
node providers.mjs "$client" "$api" "$token" || failed=1
rm -f portman.env collection.json
exit "$failed"
