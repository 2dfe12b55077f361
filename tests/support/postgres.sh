#!/bin/sh
# Have what tests/integration/test_service.py runs the service with: Debian's PostgreSQL, and systemd's
# own check of unit files. A missing one is no error: the tests that need it are skipped, and say so.
set -u
. "${0%/*}/apt.sh"

have() {
    package=$1
    shift
    for path in "$@"; do
        if [ -x "$path" ]; then return; fi
    done
    # No cluster of its own: the tests make one in a folder that goes with them.
    install_for "the tests of the service" "$package" ||
        echo "$package could not be installed; its tests will be skipped."
}

have postgresql /usr/lib/postgresql/*/bin/postgres
have systemd /usr/bin/systemd-analyze /bin/systemd-analyze
