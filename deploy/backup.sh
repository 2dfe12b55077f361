#!/bin/sh
# Back up what cannot be made again: backup.sh CSP_HOME FOLDER
#
# The folder that CSP_PARTNERSHIP names is kept as well, in the archive as `partnership-named/`.
# One archive a day, whole or not at all, with its sha256 beside it. What it holds is read first: where
# something is not as it was kept, the archive is still made, but named `-damaged`, no older one is removed,
# and the exit code is 1. Archives older than 35 days go, so that what a purge took away is gone from the
# backups five weeks later, but never before a new one is there.
set -eu
umask 077

home=$1
folder=$2
days=35
name="csp-$(date -u +%Y%m%dT%H%M%SZ).tar.gz"

[ -d "$home/landing" ] || { echo "there is no landing in $home; nothing was backed up" >&2; exit 1; }
# Nothing that could be rebuilt: raw, quarantine, warehouse, published.
kept=""
for part in landing ledger purged editions assessments partnership alerts; do
    if [ -d "$home/$part" ]; then kept="$kept $part"; fi
done
# What the partnership decided, where that is a folder outside the home.
named=${CSP_PARTNERSHIP:-}
if [ -n "$named" ] && [ ! -d "$named" ]; then
    echo "CSP_PARTNERSHIP names no folder; nothing was backed up" >&2
    exit 1
fi

# The lock of the only run: an archive is never made while a run writes.
exec 9<"$home/run.lock"
flock --timeout 7200 9 || { echo "a run held its lock for two hours; nothing was backed up" >&2; exit 1; }
# Every original, receipt and edition against its record; raw and what is built from it are not in it.
csp=$(dirname "$0")/../.venv/bin/csp
[ -x "$csp" ] || csp=csp
damaged=""
if ! CSP_HOME=$home "$csp" fsck --kept --under-lock >"$folder/.part-checked" 2>&1; then
    damaged="-damaged"
    echo "what is backed up is not as it was kept, or could not be checked; no older archive is removed:" >&2
    grep -v '^mended' "$folder/.part-checked" >&2 || true
fi
rm -f "$folder/.part-checked"
# shellcheck disable=SC2086  # a list of words of our own
if [ -n "$named" ]; then
    tar --create --gzip --exclude='.part-*' --file="$folder/.part-$name" \
        --transform='s,^\./,partnership-named/,' --directory="$home" $kept --directory="$named" ./
else
    tar --create --gzip --directory="$home" --exclude='.part-*' --file="$folder/.part-$name" $kept
fi
tar --list --gzip --file="$folder/.part-$name" >/dev/null
sync "$folder/.part-$name"
final=${name%.tar.gz}$damaged.tar.gz
mv "$folder/.part-$name" "$folder/$final"
(cd "$folder" && sha256sum "$final" >"$final.sha256")
find "$folder" -maxdepth 1 -name '.part-csp-*' -mtime +1 -delete
[ -z "$damaged" ] || exit 1
find "$folder" -maxdepth 1 \( -name 'csp-*.tar.gz' -o -name 'csp-*.tar.gz.sha256' \) -mtime "+$days" -delete
