# Makes cabinet.env(5) of cabinet.env.5.in and the sample file, which is checked against the table of settings:
#     awk -f settings.awk deploy/cabinet.env deploy/man/cabinet.env.5.in
function roff(s) { gsub(/\\/, "\\e", s); gsub(/-/, "\\-", s); return s }
FNR == NR && /^# ---- / { sub(/^# ---- /, ""); sub(/ ----$/, ""); text = text ".SS " roff($0) "\n"; doc = ""; next }
FNR == NR && /^# / { sub(/^# /, ""); doc = doc (doc == "" ? "" : " ") $0; next }
FNR == NR && /^#?[A-Z_]+=/ {
    name = $0; sub(/^#/, "", name); value = name; sub(/=.*/, "", name); sub(/^[A-Z_]+=/, "", value)
    limits = ""
    if (match(doc, / \([^()]*( to |\|)[^()]*\)$/)) {
        limits = substr(doc, RSTART + 2, RLENGTH - 3)
        doc = substr(doc, 1, RSTART - 1)
    }
    text = text ".TP\n.B " roff(name) "\n" toupper(substr(doc, 1, 1)) roff(substr(doc, 2)) ".\n"
    if (limits != "") text = text "Values: " roff(limits) ".\n"
    if (value != "") text = text "Default: " roff(value) ".\n"
    doc = ""
    next
}
FNR == NR { doc = ""; next }
/^@SETTINGS@$/ { printf "%s", text; next }
{ print }
