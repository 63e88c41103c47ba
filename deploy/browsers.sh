#!/bin/bash
# Installs Firefox and WebKitGTK for the tests of other engines, a second reader of QR codes, and
# the Chromium without a user interface that makes the browser tests quicker, if we may.
#
# Never fails: a test whose browser is not there is skipped and says what is missing.
set -uo pipefail

has_webkit() { command -v WebKitWebDriver && command -v Xvfb; }
has_firefox() { command -v firefox-esr || command -v firefox; }
has_zbar() { [ -n "$(ldconfig -p 2>/dev/null | grep 'libzbar\.so')" ]; }

has_shell() { command -v chromium-headless-shell; }

missing=()
has_firefox >/dev/null || missing+=(firefox-esr)
has_webkit >/dev/null || missing+=(webkit2gtk-driver xvfb)
has_zbar || missing+=(libzbar0)
has_shell >/dev/null || missing+=(chromium-headless-shell)
[ "${#missing[@]}" -eq 0 ] && exit 0
if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
    echo "Some tests will be skipped or slower; for the best install: ${missing[*]}" >&2
    exit 0
fi
apt-get -qq update >&2
for package in "${missing[@]}"; do
    echo "installing $package" >&2
    DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends "$package" \
        >/dev/null || echo "$package could not be installed" >&2
done
exit 0
