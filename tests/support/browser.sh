#!/bin/sh
# Have a Chromium browser for tests/integration/test_ui.py: find one, or install Debian's.
set -u
. "${0%/*}/apt.sh"

for name in chromium chromium-browser google-chrome; do
    if command -v "$name" >/dev/null 2>&1; then
        exit 0
    fi
done

install_for "the tests of the pages" chromium && command -v chromium >/dev/null 2>&1 && exit 0
echo "The tests need a Chromium browser: install one with your system's package manager" \
    "(Debian: sudo apt-get install chromium) and run make test again." >&2
exit 1
