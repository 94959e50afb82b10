# SPDX-License-Identifier: Apache-2.0
"""Compiles large libraries without their docstrings, which every process would keep in memory.

Our own modules keep theirs: they are the help of commands. Python's switch for this, -OO, is for
a whole program and lets it compile Python's own library again at each start.
"""

import glob
import os
import subprocess
import sys
from collections.abc import Callable, Sequence

LIBRARIES = ("chameleon", "falcon", "gunicorn", "sqlalchemy")
"""What long-running services have in memory most of."""

_OPTIMIZED = ".opt-2.pyc"
# Puts the docstrings of its functions together when it is imported, by tests only.
_NEEDS_THEM = "/falcon/testing/"


def compile_libraries(environment: str, run: Callable[[Sequence[str]], object]) -> None:
    """Compile the libraries of a virtual environment; `run` starts a program and waits."""
    packages = f"{environment}/lib/python3.*/site-packages"
    folders = [path for name in LIBRARIES for path in glob.glob(f"{packages}/{name}")]
    if not folders:
        return
    how = ("-q", "-j", "0", "-o", "2", "-x", _NEEDS_THEM)
    run((f"{environment}/bin/python", "-m", "compileall", *how, *folders))
    for folder in folders:
        for path in glob.glob(f"{folder}/**/*{_OPTIMIZED}", recursive=True):
            os.replace(path, path.removesuffix(_OPTIMIZED) + ".pyc")


if __name__ == "__main__":
    compile_libraries(sys.argv[1], subprocess.check_call)
