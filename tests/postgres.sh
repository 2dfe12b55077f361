#!/bin/sh
# Have what tests/integration/test_service.py runs the service with: Debian's PostgreSQL, and systemd's
# own check of unit files. A missing one is no error: the tests that need it are skipped, and say so.
set -u

as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    elif command -v sudo >/dev/null 2>&1; then
        sudo -n "$@"
    else
        return 1
    fi
}

have() {
    package=$1
    shift
    for path in "$@"; do
        if [ -x "$path" ]; then return; fi
    done
    if ! command -v apt-get >/dev/null 2>&1; then return; fi
    echo "Installing $package, which the tests of the service need."
    # No cluster of its own: the tests make one in a folder that goes with them.
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$package" \
        >/dev/null 2>&1 || echo "$package could not be installed; its tests will be skipped."
}

have postgresql /usr/lib/postgresql/*/bin/postgres
have systemd /usr/bin/systemd-analyze /bin/systemd-analyze
