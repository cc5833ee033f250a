# shellcheck shell=dash
# Of host.sh: the packages, their installation, the database, the start.

# The packages in FOLDER/one; in FOLDER/two the same with a higher version, for an upgrade.
build_packages() {
    if [ -n "${CABINET_DEBS-}" ]; then
        [ "$CABINET_DEBS" = "$FOLDER/one" ] || { rm -rf "$FOLDER/one" && cp -r "$CABINET_DEBS" "$FOLDER/one"; }
        echo "ok - the packages are built # skip those in CABINET_DEBS are used"
    else
        check "the packages are built" "$ROOT/deploy/debian/build" "$FOLDER/one"
    fi
    ls "$FOLDER"/one/*.deb > /dev/null 2>&1 || return 1
    check "lintian finds no error" lintian --no-cfg --allow-root --fail-on error "$FOLDER"/one/*.changes
    check "and again, of a higher version" next_version
}

next_version() {
    local file
    rm -rf "$FOLDER/two" "$FOLDER/repack"
    mkdir "$FOLDER/two"
    for file in "$FOLDER"/one/*.deb; do
        dpkg-deb -R "$file" "$FOLDER/repack" && sed -i -E 's/^(Version: .*-)1$/\12/; s/(libcabinet0 \(= [^)]*-)1\)/\12)/' \
            "$FOLDER/repack/DEBIAN/control" && dpkg-deb -b "$FOLDER/repack" "$FOLDER/two" || return 1
        rm -rf "$FOLDER/repack"
    done
}

# offer FOLDER: what apt sees in the local repository.
offer() {
    rm -f "$FOLDER"/host/repository/*
    cp "$FOLDER/$1"/*.deb "$FOLDER/host/repository/"
    (cd "$FOLDER/host/repository" && dpkg-scanpackages . > Packages) || return 1
    echo 'deb [trusted=yes] file:/repository ./' > "$FOLDER/host/etc/apt/sources.list.d/cabinet.list"
    inside apt-get -q update -o Dir::Etc::SourceList=/etc/apt/sources.list.d/cabinet.list -o Dir::Etc::SourceParts=- \
        -o APT::Get::List-Cleanup=0
}

install_package() { offer one && inside apt-get -q -y --no-install-recommends install cabinet libcabinet-dev; }
nothing_runs() {
    ! inside systemctl is-active 'cabinet*' | grep -q '^active' && ! inside systemctl is-enabled cabinet.target
}
no_schema() { ! inside runuser -u postgres -- psql -XAtc 'SELECT datname FROM pg_database' | grep -qx cabinet; }
key_is_its_own() {
    inside sh -c '. /etc/cabinet/cabinet.env && test ${#SECRET_KEY} -ge 43' &&
        [ "$(inside stat -c '%U:%G %a' /etc/cabinet/cabinet.env)" = "root:cabinet 640" ]
}
refuses_key() { # KEY: as the service's user
    ! inside runuser -u cabinet -- env SECRET_KEY="$1" DATABASE_URL=postgresql://cabinet_app@127.0.0.1/cabinet cabinetd --check-config
}
refuses_short_keys() { refuses_key short && refuses_key change-me-change-me-change-me-change-me-change-me; }

units_are_tight() {
    local unit
    for unit in cabinet@api cabinet@auth cabinet-housekeeping cabinet-migrate cabinet-backup; do
        inside systemd-analyze security --threshold=15 "$unit.service" || return 1
    done
}
units_are_well_formed() {
    local found
    found=$(inside systemd-analyze --man=no verify cabinet@api.service cabinet@auth.service cabinet@api.socket \
        cabinet-housekeeping.service cabinet-migrate.service cabinet-backup.service cabinet-backup.timer cabinet.target 2>&1)
    [ -z "$found" ] || { echo "$found"; return 1; }
}

builds_against_the_library() {
    [ -e "$FOLDER/host/usr/include/cabinet/account.h" ] && inside test -e /usr/lib/x86_64-linux-gnu/libcabinet.so.0 &&
        grep -q '^Version' "$FOLDER"/host/usr/lib/*/pkgconfig/cabinet.pc
}

set_up() { inside cabinet-admin setup-database; }
set_up_again() { inside cabinet-admin setup-database | grep 'set up already'; }
least_privilege() {
    [ "$(inside runuser -u postgres -- psql -XAtc "SELECT string_agg(concat(rolname, ' ', rolsuper, rolcreatedb, rolcreaterole), ' '
        ORDER BY rolname) FROM pg_roles WHERE rolname ~ '^cabinet_'")" = "cabinet_app fff cabinet_owner ftf" ] &&
        ! inside sh -c '. /etc/cabinet/cabinet.env && psql -X "$DATABASE_URL" -c "CREATE TABLE public.mine (i int)"'
}
refuses_a_foreign_database() { # and prints what a person would run
    inside runuser -u postgres -- createdb foreign &&
        ! inside env DATABASE_URL=postgresql://cabinet_app@127.0.0.1/foreign \
            DATABASE_OWNER_URL=postgresql://cabinet_owner@127.0.0.1/foreign cabinet-admin setup-database > "$work/refused" 2>&1 &&
        grep -q 'ALTER DATABASE "foreign" OWNER TO cabinet_owner;' "$work/refused"
}
refuses_without_rights() {
    inside runuser -u postgres -- psql -Xqc "CREATE ROLE clerk LOGIN PASSWORD 'clerk'" &&
        ! inside env PGPASSWORD=clerk DATABASE_URL=postgresql://cabinet_app@127.0.0.1/another \
            DATABASE_OWNER_URL=postgresql://cabinet_owner@127.0.0.1/another \
            cabinet-admin setup-database postgresql://clerk@127.0.0.1/postgres > "$work/refused" 2>&1 &&
        grep -q '^CREATE DATABASE "another" OWNER cabinet_owner' "$work/refused"
}
migrate() { inside runuser -u cabinet-admin -- cabinet-migrate upgrade head && inside cabinet-migrate check; }
superuser() { echo 'a long superuser password 1' | inside cabinet-admin create-superuser --email admin@example.com --password-stdin; }

# A certificate of an authority of our own, for the name api.test.
certificate() (
    cd "$work" || exit 1
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 120 -subj '/CN=Test CA' \
        -addext basicConstraints=critical,CA:true -keyout ca.key -out ca.pem &&
        openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=api.test -keyout site.key -out site.csr &&
        printf 'subjectAltName=DNS:api.test\ncrlDistributionPoints=URI:http://crl.test/ca.crl\nextendedKeyUsage=serverAuth\nkeyUsage=critical,digitalSignature\n' > ext &&
        openssl x509 -req -in site.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 89 -extfile ext -out site.pem &&
        install -m 600 site.key "$FOLDER/host/etc/ssl/private/site.key" && install -m 644 site.pem "$FOLDER/host/etc/ssl/site.pem"
)
# What the operator changes in the site; the limits are lifted, because the load of the tests comes from one address.
site() {
    certificate && inside sh -ec '
        cd /etc/nginx
        sed -i -e "s/server_name _;/server_name api.test;/" -e "s|/etc/ssl/certs/ssl-cert-snakeoil.pem|/etc/ssl/site.pem|" \
            -e "s|/etc/ssl/private/ssl-cert-snakeoil.key|/etc/ssl/private/site.key|" \
            -e "s/rate=60r.m/rate=1000r\/s/" -e "s/rate=100r.s/rate=10000r\/s/" sites-available/cabinet
        rm -f sites-enabled/default
        ln -s ../sites-available/cabinet sites-enabled/
        nginx -t
        systemctl restart nginx'
}
enable() { inside systemctl enable --now cabinet.target && is_ready; }

test_install() {
    check "apt installs the package" install_package
    check "nothing runs and nothing is enabled by the installation" nothing_runs
    check "nothing is migrated by the installation" no_schema
    check "the settings have a key of their own, for the service only" key_is_its_own
    check "a short key and a known one are refused" refuses_short_keys
    check "systemd-analyze verify has nothing to say" units_are_well_formed
    check "systemd-analyze security gives 1.5 or less to each unit" units_are_tight
    check "library and headers are there" builds_against_the_library
    check "setup-database makes roles and database" set_up
    check "setup-database changes nothing the second time" set_up_again
    check "setup-database leaves a foreign database alone, and prints what would change it" refuses_a_foreign_database
    check "setup-database prints the SQL where its role may do nothing" refuses_without_rights
    check "migrates as a user of its own; models, revisions and database agree" migrate
    check "the service's role cannot change the schema" least_privilege
    check "makes the first superuser" superuser
    check "nginx takes the site" site
    check "the target is enabled, and the service is ready" enable
}
