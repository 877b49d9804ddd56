"""What a process leaves behind: files that it opens, and files that are there afterwards."""

from pathlib import Path

# What Python reports for each file that is opened, made, moved or removed (PEP 578).
WATCH = """
import os, sys
touched = []
def hook(event, args):
    if event == "open" and not isinstance(args[0], int):  # a number is a pipe that is there
        mode, flags = args[1] or "", args[2] or 0
        if set(mode) & set("wax+") or flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
            touched.append((event, str(args[0])))
    elif event in ("os.rename", "os.mkdir", "os.remove", "os.link", "os.symlink", "os.truncate",
                   "tempfile.mkstemp", "tempfile.mkdtemp", "shutil.copyfile", "socket.connect"):
        touched.append((event, str(args)))
"""


def snapshot(*folders: Path) -> dict[str, int]:
    return {
        str(path): path.stat().st_mtime_ns
        for folder in folders
        for path in folder.rglob("*")
        if path.is_file()
    }
