# shellcheck shell=sh
# Shell scripts and manual pages, by the tools that know them.

scripts="deploy/quickstart deploy/check deploy/debian/build deploy/debian/render-site .ci/run tests/lint/run $(files \( -path './deploy/*.sh' -o -path './tests/*.sh' \) | tr '\n' ' ')"
for script in $scripts; do sh -n "$script" 2>&1; done | none "shell scripts parse"
if command -v shellcheck >/dev/null; then
    # shellcheck disable=SC2086
    shellcheck -x -S warning $scripts 2>&1 | none "shellcheck has nothing to say"
else
    skip "shellcheck has nothing to say" "not installed"
fi

if command -v mandoc >/dev/null; then
    files -path './deploy/man/*.[1-9]' | while read -r page; do
        mandoc -T lint -W warning "$page" 2>&1 | grep -vE 'STYLE|operating system explicitly|referenced manual not found|missing date'
    done | none "manual pages are well formed"
else
    skip "manual pages are well formed" "mandoc is not installed"
fi

# Paths that README.md names exist.
grep -oE '`(src|deploy|tests|include|migrations)/[A-Za-z0-9_./-]*`' README.md | tr -d '`' | sort -u | while read -r path; do
    [ -e "$path" ] || echo "$path"
done | none "paths in README.md exist"
