# Sourced by the scripts beside it: install Debian packages, as root or with sudo that asks for no
# password; anything else is the reader's to decide.

as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    elif command -v sudo >/dev/null 2>&1; then
        sudo -n "$@"
    else
        return 1
    fi
}

apt_install() {
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$@" >/dev/null 2>&1
}

# Install these packages for what the first word names; with the lists of packages renewed when they
# are too old. Fails where there is no apt-get or it does not know them.
install_for() {
    whom=$1
    shift
    command -v apt-get >/dev/null 2>&1 || return 1
    echo "Installing $*, which $whom need."
    apt_install "$@" || { as_root apt-get update >/dev/null 2>&1 && apt_install "$@"; }
}
