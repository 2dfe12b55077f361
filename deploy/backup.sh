#!/bin/sh
# Back up what cannot be made again: backup.sh CSP_HOME FOLDER
#
# The folder that CSP_PARTNERSHIP names is kept as well, in the archive as `partnership-named/`.
# One archive a day, whole or not at all. Archives older than 35 days go, so that what a purge took
# away is gone from the backups five weeks later, but never before a new one is there.
set -eu
umask 077

home=$1
folder=$2
days=35
name="csp-$(date -u +%Y%m%dT%H%M%SZ).tar.gz"

[ -d "$home/landing" ] || { echo "there is no landing in $home; nothing was backed up" >&2; exit 1; }
# Nothing that could be rebuilt: raw, quarantine, warehouse, published.
kept=""
for part in landing ledger purged editions assessments partnership; do
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
# shellcheck disable=SC2086  # a list of words of our own
if [ -n "$named" ]; then
    tar --create --gzip --exclude='.part-*' --file="$folder/.part-$name" \
        --transform='s,^\./,partnership-named/,' --directory="$home" $kept --directory="$named" ./
else
    tar --create --gzip --directory="$home" --exclude='.part-*' --file="$folder/.part-$name" $kept
fi
tar --list --gzip --file="$folder/.part-$name" >/dev/null
sync "$folder/.part-$name"
mv "$folder/.part-$name" "$folder/$name"
find "$folder" -maxdepth 1 -name 'csp-*.tar.gz' -mtime "+$days" -delete
find "$folder" -maxdepth 1 -name '.part-csp-*' -mtime +1 -delete
