# shellcheck shell=sh
# Units of systemd are sandboxed; what the package installs of nginx is complete.

if systemd-analyze security --help 2>/dev/null | grep -q -- --offline; then
    for unit in deploy/systemd/*.service; do
        systemd-analyze security --offline=true --threshold=15 --no-pager "$unit" >/dev/null 2>&1 || echo "$unit: more than 1.5"
    done | none "systemd-analyze security gives each service 1.5 or less"
else
    skip "systemd-analyze security gives each service 1.5 or less" "no systemd-analyze with --offline"
fi

site=$(mktemp -d)
{
    deploy/debian/render-site "$site/parts" "$site/site" 2>&1
    grep -rnE '@[A-Z_]+@' "$site"
    sed -nE 's|^ *include /usr/share/cabinet/nginx/(.*);|\1|p' "$site/site" "$site"/parts/* | sort -u | while read -r part; do
        [ -e "$site/parts/$part" ] || echo "$part is included and not installed"
    done
    for part in deploy/nginx/*.conf; do
        grep -q "$part" deploy/sources.am || echo "$part is not installed"
    done
} | none "the site of the package is whole"
rm -rf "$site"
