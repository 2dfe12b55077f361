#!/bin/sh
# Have what tests/integration/test_door.py runs the door with: Debian's nginx. Its program is taken out of
# the package, since installing it would start a server. A missing one is no error: the tests that need
# it are skipped, and say so.
set -u
. "${0%/*}/apt.sh"

folder=.venv/nginx
[ -x /usr/sbin/nginx ] || [ -x "$folder/usr/sbin/nginx" ] && exit 0

get() {
    work=$(mktemp -d) &&
        (cd "$work" && apt-get download nginx >/dev/null 2>&1) &&
        dpkg-deb -x "$work"/nginx_*.deb "$folder"
    got=$?
    rm -rf "$work"
    return $got
}

command -v apt-get >/dev/null 2>&1 &&
    { get || { as_root apt-get update >/dev/null 2>&1 && get; }; } ||
    echo "nginx could not be had; its tests will be skipped."
exit 0
