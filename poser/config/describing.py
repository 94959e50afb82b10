# SPDX-License-Identifier: Apache-2.0
"""Declarations in words, for explanations and for the page that lists them all."""

from typing import Any

from poser.config.environment import variable
from poser.config.settings import Setting


def where_it_may_stand(setting: Setting[Any]) -> str:
    """Say which places may have a value of the setting."""
    if setting.secret:
        return "files and environment only (a secret)"
    if not setting.may_be_row:
        return "files and environment only"
    if setting.per_user_role:
        return "files, environment, database (also per user role)"
    return "files, environment, database"


def declared_as(setting: Setting[Any]) -> dict[str, object]:
    """Return the declaration as values for JSON."""
    return {
        "type": setting.kind.name,
        "default": setting.shown(setting.value_of_default()),
        "bounds": setting.bounds,
        "doc": setting.doc,
        "variable": variable(setting.name),
        "is_secret": setting.secret,
        "may_be_in_database": setting.may_be_row,
        "may_differ_by_user_role": setting.per_user_role,
        "needs_restart": setting.restart,
    }
