"""Run a program as the container does: not root, all read-only but /tmp, no network, no rights.

Linux can do that without a container engine, where user namespaces are allowed.
"""

import subprocess
import sys
from pathlib import Path

# $1: an empty folder. Inside its own namespaces the file system is mounted there read-only, with an
# empty /tmp; the program then starts in it as user 10001, without capabilities.
_ENTER = """
set -e
ip link set lo up
mount --make-rprivate /
mount --rbind / "$1"
mount -o remount,bind,ro "$1"
mount -t tmpfs -o size=64m tmpfs "$1/tmp"
for kept in {kept}; do
    mkdir -p "$1$kept"
    mount --rbind "$kept" "$1$kept"
    mount -o remount,bind,ro "$1$kept"
done
root=$1
shift
exec unshare --user --map-user=10001 --map-group=10001 --root="$root" --wd=/ \\
    setpriv --no-new-privs --bounding-set=-all --inh-caps=-all \\
    env -i PATH=/usr/bin:/bin PYTHONDONTWRITEBYTECODE=1 "$@"
"""


def confined(root: Path, kept: Path, *command: str) -> subprocess.CompletedProcess[str]:
    """Run ``command`` confined.

    Args:
        root: an empty folder; everything is mounted there, for that program alone.
        kept: a folder under /tmp that the program must see, read-only.
        command: what to run, for two minutes at most.
    """
    # The packages that the program needs are this environment's, which may lie in /tmp as well.
    packages = Path(sys.prefix)
    folders = (kept, packages) if packages.is_relative_to("/tmp") else (kept,)
    script = _ENTER.format(kept=" ".join(f"'{folder}'" for folder in folders))
    return subprocess.run(
        ["unshare", "--user", "--map-root-user", "--mount", "--net", "--pid", "--fork",
         "--kill-child", "sh", "-c", script, "sh", str(root), *command],
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip


def why_not(root: Path, kept: Path) -> str:
    """Why nothing can be confined here; "" if it can."""
    if sys.platform != "linux":
        return "namespaces are Linux'"
    try:
        done = confined(root, kept, "true")
    except FileNotFoundError as error:
        return f"no {error.filename} here"
    return done.stderr.strip().splitlines()[-1] if done.returncode else ""
