#!/bin/sh
# The pages that the service has for a person's browser, in Chromium.  Prints TAP.
# usage: run.sh ROOT WORK-FOLDER, which keeps what npm installs
set -u
folder=$1/tests/browser work=$2
mkdir -p "$work" && cd "$work" || exit 1
if ! cmp -s "$folder/package-lock.json" package-lock.json || [ ! -e installed ]; then
    rm -f installed
    cp "$folder/package.json" "$folder/package-lock.json" "$folder/.npmrc" . &&
        npm ci > npm.log 2>&1 && touch installed || { tail -n 5 npm.log | sed 's/^/# /'; echo "Bail out! npm ci"; exit 1; }
fi
exec node "$folder/docs.mjs" "$CABINET_TEST_URL" "$CABINET_TEST_ADMIN" "$CABINET_TEST_ADMIN_PASSWORD"
