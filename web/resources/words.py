# SPDX-License-Identifier: Apache-2.0
"""Words for what has no words of its own: labels from the names of columns."""

_KNOWN = {
    "id": "Id",
    "gtin": "Barcode",
    "plu": "PLU",
    "url": "URL",
    "ip": "IP",
    "sku": "SKU",
    "created_at": "Created",
    "modified_at": "Changed",
    "is_archived": "Archived",
}
_ENDS = ("_id", "_at", "_on")


def label_of(name: str) -> str:
    """Make a label of a column's name, such as "Lead time, days" of lead_time_days."""
    if name in _KNOWN:
        return _KNOWN[name]
    plain = name.removeprefix("is_").removeprefix("has_")
    for end in _ENDS:
        plain = plain.removesuffix(end)
    for unit in ("percent", "days", "minutes"):
        if plain.endswith(f"_{unit}"):
            plain = f"{plain.removesuffix(f'_{unit}')}, {unit}"
    words = plain.replace("_", " ")
    return " ".join(_KNOWN.get(word, word) for word in words.split(" ")).capitalize()


def option_of(word: str) -> str:
    """Write a word of an enum as people read it, such as "Gift card" of gift_card."""
    return word.replace("_", " ").capitalize()
