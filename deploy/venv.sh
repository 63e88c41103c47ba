#!/bin/bash
# Makes .venv from a lock file: deploy/venv.sh requirements.lock|requirements-dev.lock
#
# A stamp holds the lock's checksum, so that a second call does nothing. What is installed from
# the development lock serves for running, too.
set -euo pipefail
cd "$(dirname "$0")/.."

lock=$1
venv=.venv

say() { echo "venv: $*" >&2; }
fail() { say "$*"; exit 1; }

checksum() { sha256sum "$1" | cut -d ' ' -f 1; }
is_current() { [ "$(cat "$venv/stamp-$1" 2>/dev/null)" = "$(checksum "$1")" ]; }
works() { "$venv/bin/python" -m pip --version >/dev/null 2>&1; }

is_recent() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }

find_python() {
    local candidate
    for candidate in ${PYTHON:+"$PYTHON"} python3 python3.13 python3.12 python3.11 /usr/bin/python3; do
        if is_recent "$candidate"; then
            echo "$candidate"
            return
        fi
    done
    fail "Python 3.11 or newer is needed and was not found; install it, or name it with PYTHON=..."
}

make_venv() {
    local python
    python=$(find_python)
    rm -rf "$venv"
    if "$python" -m venv "$venv" >/dev/null 2>&1 && works; then
        return
    fi
    rm -rf "$venv"
    # Debian ships Python without the part that makes environments.
    local package
    package="python3-venv python$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')-venv"
    if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
        fail "$python cannot make a virtual environment; install the package ${package%% *}."
    fi
    say "installing ${package%% *}"
    apt-get -qq update
    # shellcheck disable=SC2086 # two packages; the second one is the first one's, as a rule
    DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends $package >/dev/null
    "$python" -m venv "$venv"
}

# Two of us at once would install over each other.
exec 9< .
flock 9

if works; then
    is_current "$lock" && exit 0
    [ "$lock" = requirements.lock ] && is_current requirements-dev.lock && exit 0
else
    make_venv
fi

say "installing from $lock"
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-input \
    --require-hashes --requirement "$lock"
checksum "$lock" > "$venv/stamp-$lock"
