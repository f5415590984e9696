"""Leave the addresses of funding pages out of npm lock files: a lock names what to install and nothing else."""

import json
import sys
from pathlib import Path

for lock in map(Path, sys.argv[1:]):
    locked = json.loads(lock.read_text("utf-8"))
    for package in locked["packages"].values():
        package.pop("funding", None)
    lock.write_text(json.dumps(locked, indent=2, ensure_ascii=False) + "\n", "utf-8")
