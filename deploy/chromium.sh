#!/bin/bash
# Prints the path of a Chromium for the browser tests, installing one if we may.
set -euo pipefail

find_chromium() {
    local name
    for name in chromium chromium-browser google-chrome; do
        command -v "$name" && return
    done
    return 1
}

find_chromium && exit 0
if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
    echo "The browser tests need Chromium; install the package chromium." >&2
    exit 1
fi
echo "installing chromium" >&2
apt-get -qq update >&2
DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends \
    chromium fonts-liberation >/dev/null
find_chromium
