#!/bin/sh
# Have what the tests of the edition make files with: Pango for PDF, a font that is the same everywhere.
set -u
. "${0%/*}/apt.sh"

missing=""
has_library() {
    ldconfig -p 2>/dev/null | grep -q "$1"
}
has_library libpango-1.0.so || missing="$missing libpango-1.0-0"
has_library libpangoft2-1.0.so || missing="$missing libpangoft2-1.0-0"
has_library libharfbuzz-subset.so || missing="$missing libharfbuzz-subset0"
fc-list 2>/dev/null | grep -qi liberation || missing="$missing fonts-liberation"
[ -n "$missing" ] || exit 0

# shellcheck disable=SC2086 - a list of words
install_for "the tests of the edition" $missing || echo "could not be installed:$missing"
exit 0
