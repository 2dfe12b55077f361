"""Run the steps of deploy/README.md as they are written, and leave the machine as it was.

    python3 deploy/rehearse.py             as root, on Debian with PostgreSQL's package in reach

The `sh` blocks of the page are run in one shell, in the order of the page, with the paths and accounts that
they name. `/etc`, `/usr`, `/var` and `/srv` are overlays in a mount namespace of this process's own, so that
accounts, packages and files are gone when it ends. Not run, and named at the end: `systemctl` (PostgreSQL is
started by its own command instead) and the blocks about containers. What a person does at the page's
comments (editing the settings, unpacking a checkout, choosing a certificate) is in `PERSON`.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
PAGE = PROJECT / "deploy" / "README.md"
OVERLAID = ("etc", "usr", "var", "srv")
SOCKETS = (Path("/run/postgresql"), Path("/run/csp"))
CONTAINERS = ("podman", "docker")
BACKUP = "systemctl stop csp-daemon csp-webserver\narchive="  # begins the block that restores
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

PERSON = """\
set -eu
export DEBIAN_FRONTEND=noninteractive
echo 'APT::Get::Assume-Yes "true";' > /etc/apt/apt.conf.d/99-rehearsal
not_run() { echo "$*" >> "$REHEARSAL/not-run"; }
systemctl() { not_run "systemctl $*"; }
editor() {  # made-up extracts, a folder of the partnership's own, and no sources of anybody
    sed -i -e 's,^#CSP_PARTNERSHIP=,CSP_PARTNERSHIP=,' -e '/^CSP_AREA=/d' \
        -e 's,^CSP_SOURCES=.*,CSP_SOURCE=/srv/extracts,' "$1"
}
start_postgresql() {  # what systemd does once the package is installed
    pg_lsclusters --no-header | while read -r version name rest; do
        pg_ctlcluster "$version" "$name" start
    done
    trap 'pg_lsclusters --no-header | while read -r v n rest; do pg_ctlcluster "$v" "$n" stop; done' EXIT
}
"""
FIRST_NIGHT = """
install -d -m 0755 /srv/extracts
CSP_HOME=/srv/elsewhere .venv/bin/csp sample /srv/extracts --months 2
chmod -R a+rX /srv/extracts
as_csp .venv/bin/csp refresh
"""
LOST = """
cd /srv/csp
as_csp deploy/backup.sh /var/lib/csp /var/backups/csp
(cd /var/backups/csp && sha256sum --check csp-*.sha256)
find /var/lib/csp -mindepth 1 -delete
"""
RESTORED = """
cd /srv/csp
as_csp .venv/bin/csp fsck --kept
as_csp .venv/bin/csp refresh
as_csp .venv/bin/csp status
"""


def blocks(page: str) -> list[tuple[str, str]]:
    """The `sh` blocks of a page of Markdown, each with the heading or bold words before it."""
    found, title = [], ""
    for part in re.finditer(
        r"^## ([^\n]+)$|^\*\*([^*]+)\*\*|^```sh\n(.*?)^```$", page, re.M | re.S
    ):
        heading, bold, block = part.groups()
        title = heading or bold or title
        if block is not None:
            found.append((title, block))
    return found


def script(page: str) -> tuple[str, list[str]]:
    """One shell script of all the blocks, and those that are left out, by their titles."""
    written, left_out = [PERSON], []
    found = blocks(page)
    if not found:
        raise SystemExit(f"{PAGE.name} has no block of sh, so nothing was tried")
    for title, block in found:
        if any(line.startswith(CONTAINERS) for line in block.splitlines()):
            left_out.append(title)
            continue
        if block.startswith(BACKUP):
            written.append(LOST)
        written.append(
            f"echo '== {title}'\nset -x\n{_with_postgresql(block)}{{ set +x; }} 2>/dev/null\n"
        )
        if "as_csp()" in block:
            written.append(FIRST_NIGHT)
        if block.startswith(BACKUP):
            written.append(RESTORED)
    return "".join(written), left_out


def _with_postgresql(block: str) -> str:
    """The block with PostgreSQL started after the line that installs it."""
    return re.sub(
        r"^(apt-get install .*\bpostgresql\b.*)$", r"\1\nstart_postgresql", block, flags=re.M
    )


def _run(*command: str) -> None:
    subprocess.run(command, check=True)


def _inside(scratch: Path) -> int:
    """In the namespace: lay the overlays, put the checkout in its place, and run the page."""
    for name in OVERLAID:
        upper, work = scratch / f"{name}.upper", scratch / f"{name}.work"
        upper.mkdir()
        work.mkdir()
        options = f"lowerdir=/{name},upperdir={upper},workdir={work}"
        _run("mount", "-t", "overlay", "csp", "-o", options, f"/{name}")
    for path in SOCKETS:
        path.mkdir(exist_ok=True)
        _run("mount", "-t", "tmpfs", "csp", str(path))
    if Path("/etc/postgresql").is_dir():
        shutil.chown("/run/postgresql", "postgres", "postgres")
    checkout = Path("/srv/csp")
    checkout.mkdir(mode=0o755)
    listed = [
        "git",
        "-C",
        str(PROJECT),
        "ls-files",
        "-z",
        "--cached",
        "--others",
        "--exclude-standard",
    ]
    names = subprocess.run(listed, check=True, capture_output=True).stdout.split(b"\0")
    for name in filter(None, names):
        source, target = PROJECT / os.fsdecode(name), checkout / os.fsdecode(name)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(source, target, follow_symlinks=False)
    steps, left_out = script(PAGE.read_text(encoding="utf-8"))
    (scratch / "steps.sh").write_text(steps, encoding="utf-8")
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("CSP_", "DAGSTER_"))}
    environment |= {"PATH": PATH, "HOME": "/root", "REHEARSAL": str(scratch)}
    done = subprocess.run(
        ["bash", str(scratch / "steps.sh")], cwd="/", env=environment, check=False
    )
    print("\nNot run:")
    print("".join(f"  the block of “{title}” (containers)\n" for title in left_out), end="")
    if (scratch / "not-run").exists():
        print(
            "".join(f"  {line}\n" for line in (scratch / "not-run").read_text().splitlines()),
            end="",
        )
    print(
        "All other steps ran as written." if done.returncode == 0 else "A step failed; see above."
    )
    return done.returncode


def main() -> int:
    """Run the page; return 0 if every step that can be run here succeeded."""
    if len(sys.argv) == 3 and sys.argv[1] == "--inside":
        return _inside(Path(sys.argv[2]))
    if os.geteuid() != 0:
        print("deploy/rehearse.py installs packages and makes accounts: run it as root")
        return 2
    with tempfile.TemporaryDirectory(prefix="csp-rehearsal-") as scratch:
        Path(scratch).chmod(0o755)
        own = ["unshare", "--mount", "--propagation", "private"]
        again = [sys.executable, __file__, "--inside", scratch]
        made = [path for path in SOCKETS if not path.exists()]
        code = subprocess.run([*own, *again], check=False).returncode
        for path in made:  # what was mounted on them is gone with the namespace
            path.rmdir()
        return code


if __name__ == "__main__":
    sys.exit(main())
