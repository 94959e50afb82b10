# SPDX-License-Identifier: Apache-2.0
"""Starts Fabric, as its own `fab` does, in half the time: `python control/fab.py VERB...`.

Half of the time that `import fabric` takes goes into libraries that no verb of ours ever uses:
mocks for tests of Fabric's users, YAML for settings files, the metadata of installed packages.
Here they are put off until somebody asks for them.
"""

import gc
import importlib
import importlib.util
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.machinery import ModuleSpec
from types import ModuleType

CHECKOUT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))  # noqa: PTH100, PTH120 - pathlib takes 10 ms


class _LazyYaml:
    """Finds the YAML library that Invoke carries, and loads it when it is first used."""

    NAME = "invoke.vendor.yaml"

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return a lazy spec for that one library; None for all others."""
        del path, target
        if name != self.NAME:
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(name)
        if spec is not None and spec.loader is not None:
            spec.loader = importlib.util.LazyLoader(spec.loader)
        return spec


@contextmanager
def only_what_we_use() -> Iterator[None]:
    """Let Fabric be imported in this block without what none of our verbs uses."""
    mock = ModuleType("unittest.mock")
    mock.Mock = object  # type: ignore[attr-defined]  # only Invoke's MockContext calls it
    metadata = ModuleType("importlib.metadata")
    metadata.version = _version  # type: ignore[attr-defined]  # paramiko asks for its own
    sys.meta_path.insert(0, _LazyYaml())
    stand_ins = {"unittest.mock": mock, "importlib.metadata": metadata}
    missing = {name: module for name, module in stand_ins.items() if name not in sys.modules}
    sys.modules.update(missing)
    try:
        yield
    finally:
        for name in missing:
            del sys.modules[name]


def _version(name: str) -> str:
    """Return the version of an installed package, by the name of the folder that describes it."""
    for folder in sys.path:
        entries = os.listdir(folder) if os.path.isdir(folder) else []  # noqa: PTH112, PTH208
        for entry in entries:
            if entry.startswith(f"{name}-") and entry.endswith(".dist-info"):
                return entry[len(name) + 1 : -len(".dist-info")]
    raise LookupError(name)


def main() -> None:
    """Run `fab` with the fabfile of this checkout, from wherever it is called."""
    sys.path[0] = CHECKOUT
    gc.disable()  # what is imported stays: looking through it for garbage only takes time
    with only_what_we_use():
        program = importlib.import_module("fabric.main").program
    gc.freeze()
    gc.enable()
    # Without the option, Fabric has Python compile all of our modules at each start.
    try:
        program.run(["fab", "--search-root", CHECKOUT, "--write-pyc", *sys.argv[1:]])
        sys.stdout.flush()
    except BrokenPipeError:  # as in: fab -l | head
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)


if __name__ == "__main__":
    main()
