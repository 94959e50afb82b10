# SPDX-License-Identifier: Apache-2.0
"""The permissions that extensions add: each in `permissions.py`, named after its extension."""

from collections.abc import Sequence

from poser.auth.permissions import Permission
from poser.errors import PoserError
from poser.extensions.modules import load_one
from poser.extensions.packages import Extension


def permissions_of(extension: Extension) -> tuple[Permission, ...]:
    """List the permissions of one extension, sorted by name.

    Raises PoserError for one that is not named after it.
    """
    module = load_one(extension, "permissions")
    values = vars(module).values() if module else ()
    found = [value for value in values if isinstance(value, Permission)]
    for permission in found:
        if not permission.name.startswith((f"{extension.name}_", f"{extension.name}.")):
            raise PoserError(
                f"extension {extension}: its permission {permission.name} is not named after it",
                hint=f"call it {extension.name}_{permission.name}",
            )
    return tuple(sorted(set(found), key=lambda permission: permission.name))


def permissions(extensions: Sequence[Extension]) -> tuple[Permission, ...]:
    """List the permissions of all extensions. Raises PoserError for a name that two have."""
    owners: dict[str, Extension] = {}
    found: list[Permission] = []
    for extension in extensions:
        for permission in permissions_of(extension):
            other = owners.setdefault(permission.name, extension)
            if other is not extension:
                raise PoserError(
                    f"extensions {other} and {extension} both have the permission"
                    f" {permission.name}",
                    hint="rename it in one of them",
                )
            found.append(permission)
    return tuple(found)
