#!/bin/bash
# Checks everything: style, types, tests. Arguments go to pytest.
#
# As many processes as there are cores share the tests, file by file in the order in which they
# are found. Each has servers, a sandbox, an installation and a browser of its own; "-n 0" makes
# it one process.
#
# Every step runs, whatever the ones before it said; the summary and the exit status tell.
set -uo pipefail
cd "$(dirname "$0")/.."

python=.venv/bin/python
results=test-results
summary=()
failed=0

step() {
    local name=$1
    shift
    printf '\n== %s\n' "$name"
    if "$@"; then
        summary+=("passed  $name")
    else
        summary+=("FAILED  $name")
        failed=1
    fi
}

run_pytest() {
    # The pipe is there to keep the last line, which says how many passed.
    "$python" -m pytest --numprocesses auto --dist loadfile --no-loadscope-reorder "$@" 2>&1 |
        tee "$results/pytest.log"
}

mkdir -p "$results"
: > "$results/pytest.log"
deploy/venv.sh requirements-dev.lock || exit 1

find_chromium() { YARDPASS_CHROMIUM=$(deploy/chromium.sh) && export YARDPASS_CHROMIUM; }

[ -n "${YARDPASS_CHROMIUM:-}" ] || step "browser" find_chromium
step "other browsers" deploy/browsers.sh
step "ruff check" "$python" -m ruff check
step "ruff format" "$python" -m ruff format --check
step "mypy" "$python" -m mypy
step "pytest" run_pytest "$@"

printf '\n== summary\n'
printf '%s\n' "${summary[@]}"
tail -n 1 "$results/pytest.log"
exit "$failed"
