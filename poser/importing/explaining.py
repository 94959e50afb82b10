# SPDX-License-Identifier: Apache-2.0
"""How a field is got from a source record, and how one record maps, in words."""

from poser.importing.fields import UNSET, Field


def how(field: Field) -> str:
    """Say how a field is got, such as `category, the Category with that number`."""
    if field.value is not UNSET:
        return f"always {field.value!r}"
    words = [field.said]
    if field.read is not None:
        reader = getattr(field.read, "__name__", "")
        words.append(f"read by {reader.strip('_')}" if reader.isidentifier() else "read by a rule")
    if field.find is not None:
        words.append(f"the {field.find.model.__name__} with that {field.find.by}")
    if field.default is not UNSET:
        words.append(f"{field.default!r} where it is empty")
    return ", ".join(words)
