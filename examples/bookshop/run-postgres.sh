#!/bin/sh
# Runs the suite against the database named by PGDATABASE, PGHOST, PGPORT, PGUSER, ...
# The bookshop schema and pgTAP are loaded first when the database does not have them.
# Any arguments are test files to run instead of all of them.
set -eu
cd "$(dirname "$0")"

query() { psql -XAtq -v ON_ERROR_STOP=1 -c "$1"; }

if [ "$(query "SELECT count(*) FROM pg_namespace WHERE nspname = 'catalog'")" = 0 ]; then
    cat migrations/*.sql | PGOPTIONS='-c client_min_messages=warning' psql -Xq -v ON_ERROR_STOP=1 --single-transaction -f -
fi
query "SET client_min_messages TO warning; CREATE EXTENSION IF NOT EXISTS pgtap"

[ $# -gt 0 ] || set -- $(find tests -name '*_test.sql' | sort)

if command -v pg_prove >/dev/null 2>&1; then
    exec pg_prove "$@"
fi

failed=0
out=$(mktemp)
trap 'rm -f "$out"' EXIT
for file in "$@"; do
    status=0
    psql -XAtq -v ON_ERROR_STOP=1 -P pager=off -f "$file" >"$out" 2>&1 || status=$?
    awk -v file="$file" -v status="$status" '
        /^ *not ok/ && !/# TODO/      { bad++; print file ": " $0 }
        /^(not )?ok /                 { ran++ }
        /^1\.\.[0-9]+/                { planned = substr($1, 4) + 0; seen = 1 }
        /ERROR:|FATAL:|psql: error/   { print file ": " $0 }
        END {
            if (!seen)               { bad++; print file ": no plan" }
            else if (planned != ran) { bad++; print file ": planned " planned " but ran " ran + 0 }
            if (status != 0)         { bad++; print file ": psql ended with status " status }
            if (!bad) print file ": ok (" ran ")"
            exit bad > 0
        }' "$out" || failed=$((failed + 1))
done
[ "$failed" = 0 ] || { echo "$failed file(s) failed"; exit 1; }
echo "All files passed."
