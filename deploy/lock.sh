#!/bin/bash
# Writes requirements.lock and requirements-dev.lock from pyproject.toml.
set -euo pipefail
cd "$(dirname "$0")/.."

# uv resolves for every platform at once; it is needed for nothing else, so it does not stay.
tools=$(mktemp -d)
trap 'rm -rf "$tools"' EXIT
"${PYTHON:-python3}" -m venv "$tools"
"$tools/bin/python" -m pip install --quiet --disable-pip-version-check uv

compile() {
    "$tools/bin/uv" pip compile pyproject.toml --quiet --generate-hashes --no-emit-index-url \
        --no-emit-find-links --python-version 3.11 --universal --no-header "$@"
}

compile --extra embedded -o requirements.lock
# Tests start the embedded servers, too.
compile --extra embedded --extra dev -c requirements.lock -o requirements-dev.lock
