#!/bin/sh
# Have a Chromium browser for tests/integration/test_ui.py: find one, or install Debian's.
set -u

for name in chromium chromium-browser google-chrome; do
    if command -v "$name" >/dev/null 2>&1; then
        exit 0
    fi
done

# As root, or with sudo that asks for no password; anything else is the reader's to decide.
as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    elif command -v sudo >/dev/null 2>&1; then
        sudo -n "$@"
    else
        return 1
    fi
}

install_chromium() {
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y chromium >/dev/null 2>&1
}

if command -v apt-get >/dev/null 2>&1; then
    echo "Installing chromium, which the tests of the Dagster UI need."
    install_chromium || { as_root apt-get update >/dev/null 2>&1 && install_chromium; }
fi

if command -v chromium >/dev/null 2>&1; then
    exit 0
fi
echo "The tests need a Chromium browser: install one with your system's package manager" \
    "(Debian: sudo apt-get install chromium) and run make test again." >&2
exit 1
