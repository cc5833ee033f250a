# shellcheck shell=dash
# Of host.sh: backups, restores, point in time.

newest() { inside sh -c 'ls /var/backups/cabinet/*.dump | tail -n 1'; }
backs_up() { # by the unit of the timer
    inside systemctl start cabinet-backup.service && inside journalctl -u cabinet-backup.service | grep 'rows of' &&
        inside sh -c 'cd /var/backups/cabinet && sha256sum -c *.sha256' &&
        [ "$(inside stat -c '%U %a' "$(newest)")" = "cabinet-admin 600" ]
}
timer_is_set() { inside systemctl list-timers cabinet-backup.timer | grep cabinet-backup.service; }
restores() { inside cabinet-admin restore "$(newest)" --into copy | grep 'Database copy equals the backup'; }
serves_the_copy() {
    inside sh -ec '. /etc/cabinet/cabinet.env; . /etc/cabinet/admin.env; export DATABASE_URL="${DATABASE_URL%/cabinet}/copy" \
        DATABASE_OWNER_URL="${DATABASE_OWNER_URL%/cabinet}/copy" SECRET_KEY; cabinet-admin config check; cabinet-migrate check
        cabinet-admin user get admin@example.com'
}
refuses_into_old() { ! inside cabinet-admin restore "$(newest)" --into cabinet > "$work/refused" 2>&1 && grep 'exists already' "$work/refused"; }
refuses_a_damaged_one() {
    inside sh -ec 'cd /var/backups/cabinet; for f in "$1".*; do cp "$f" "/root/damaged.${f##*.}"; done
        sed -i "s/cabinet-[0-9TZ]*\\./damaged./" /root/damaged.sha256
        printf x | dd of=/root/damaged.dump bs=1 seek=5000 conv=notrunc' sh "$(inside basename "$(newest)" .dump)"
    ! inside cabinet-admin restore /root/damaged.dump --into damaged > "$work/refused" 2>&1 && grep 'checksum' "$work/refused"
}
# A manifest that tells of other rows, with sums that are right: only the comparison can find it.
finds_a_difference() {
    inside sh -ec 'cd /var/backups/cabinet; for f in "$1".*; do cp "$f" "/root/other.${f##*.}"; done
        cd /root; sed -i "s/^table public.users \\([0-9]*\\) .*/table public.users \\1 1/" other.manifest
        sha256sum other.dump other.manifest > other.sha256' sh "$(inside basename "$(newest)" .dump)"
    ! inside cabinet-admin restore /root/other.dump --into other > "$work/refused" 2>&1 &&
        grep 'not as backed up: table public.users' "$work/refused"
}
rotates() {
    inside env BACKUP_KEEP=2 BACKUP_FOLDER=/root/rotation sh -ec 'mkdir /root/rotation; for i in 1 2 3 4; do cabinet-admin backup; sleep 1; done
        test "$(ls /root/rotation/*.dump | wc -l)" = 2; test "$(ls /root/rotation | wc -l)" = 6'
}
# First where the volume has too little room for another, then where it runs full in the middle.
full_volume() {
    inside sh -ec 'mkdir /root/small; mount -t tmpfs -o size=1M tmpfs /root/small'
    ! inside env BACKUP_FOLDER=/root/small cabinet-admin backup > "$work/refused" 2>&1 && grep 'MB free' "$work/refused" &&
        [ -z "$(inside ls /root/small)" ] || return 1
    # room for the check, which asks for 64 MB and half the database; taken away while pg_dump runs
    inside sh -ec 'mount -o remount,size=200M /root/small
        printf "#!/bin/sh\nhead -c 250M /dev/zero > /root/small/filler 2>/dev/null\nexec /usr/bin/pg_dump \"\$@\"\n" > /root/pg_dump
        chmod 755 /root/pg_dump'
    ! inside env PATH=/root:/usr/sbin:/usr/bin:/sbin:/bin BACKUP_FOLDER=/root/small cabinet-admin backup > "$work/refused" 2>&1 &&
        grep 'pg_dump ended with status' "$work/refused" && [ "$(inside ls /root/small)" = filler ]
    local status=$?
    inside umount /root/small
    return "$status"
}

# Point in time by pgBackRest: what was there then is there again, what came later is not.
point_in_time() {
    install -m 640 "$ROOT/deploy/pgbackrest.conf" "$FOLDER/host/etc/pgbackrest.conf"
    inside sh -ec '
        chown postgres:postgres /etc/pgbackrest.conf
        sed -i "s|^repo1-cipher-pass=.*|repo1-cipher-pass=$(openssl rand -base64 24)|" /etc/pgbackrest.conf
        as() { runuser -u postgres -- "$@"; }
        as psql -Xqc "ALTER SYSTEM SET archive_mode = on" -c "ALTER SYSTEM SET wal_level = replica" \
            -c "ALTER SYSTEM SET archive_command = '"'pgbackrest --stanza=cabinet archive-push %p'"'"
        systemctl restart postgresql@15-main
        as pgbackrest --stanza=cabinet stanza-create
        as pgbackrest --stanza=cabinet check
        as pgbackrest --stanza=cabinet --type=full backup
        as psql -Xqd cabinet -c "CREATE TABLE public.before_the_mistake AS SELECT 1 AS i"
        sleep 1
        as psql -XAtc "SELECT now()" > /root/then
        sleep 1
        as psql -Xqd cabinet -c "DROP TABLE public.before_the_mistake" -c "SELECT pg_switch_wal()" > /dev/null
        systemctl stop cabinet.target postgresql@15-main
        as pgbackrest --stanza=cabinet --delta --type=time --target="$(cat /root/then)" --target-action=promote restore
        systemctl start postgresql@15-main
        for i in $(seq 100); do
            test "$(as psql -XAtc "SELECT pg_is_in_recovery()")" = f && break
            sleep 0.2
        done
        test "$(as psql -XAtd cabinet -c "SELECT count(*) FROM public.before_the_mistake")" = 1
        as psql -Xqd cabinet -c "DROP TABLE public.before_the_mistake"
        systemctl start cabinet.target' && is_ready
}

test_backup() {
    check "the timer is set" timer_is_set
    check "backs up by its unit; the checksums are right, the files are for the operator only" backs_up
    check "restores into a new database, and proves the copy" restores
    check "the copy serves" serves_the_copy
    check "no restore into a database that is there" refuses_into_old
    check "a damaged backup is refused" refuses_a_damaged_one
    check "a copy that differs in its rows is told" finds_a_difference
    check "old backups are deleted" rotates
    check "a full backup volume: a clear refusal, and nothing half done left" full_volume
    check "point-in-time recovery by pgBackRest" point_in_time
}
