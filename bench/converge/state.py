# SPDX-License-Identifier: Apache-2.0
"""Compares what two tools left on a machine, and a machine before and after a run."""

from typing import Any

State = dict[str, Any]

# what each tool leaves on a machine for itself
OWN = {
    "files": (
        "/etc/.",  # backups that editors of account files leave
        "/root/.ansible",
    ),
    "packages": ("python3-apt", "python-apt-common"),  # Ansible's module for apt installs them
}


def differences(one: State, other: State) -> list[str]:
    """Say in one line each what differs between two states."""
    found = []
    for subject in sorted({*one, *other}):
        left, right = _flat(one.get(subject)), _flat(other.get(subject))
        for name in sorted({*left, *right}):
            is_own = name.startswith(OWN.get(subject, ("\0",)))
            if left.get(name) != right.get(name) and not is_own:
                pair = f"{_short(left.get(name))} / {_short(right.get(name))}"
                found.append(f"{subject} {name}: {pair}")
    return found


def _flat(values: object) -> dict[str, object]:
    if isinstance(values, dict):
        return values
    if isinstance(values, list):
        return {str(value): True for value in values}
    return {"": values}


def _short(value: object) -> str:
    text = "-" if value is None else str(value)
    return text if len(text) <= 200 else f"{text[:100]} ... {text[-90:]}"
