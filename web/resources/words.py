# SPDX-License-Identifier: Apache-2.0
"""Words for what has no words of its own: labels from the names of columns."""

from collections.abc import Sequence

_WORDS = {"gtin": "Barcode", "plu": "PLU", "url": "URL", "ip": "IP", "sku": "SKU", "id": "Id"}
_KNOWN = _WORDS | {
    "created_at": "Created",
    "modified_at": "Changed",
    "is_archived": "Archived",
    "aka": "Also known as",
    "asked": "Asked for",
    "at": "When",
    "batch_ids": "Batches",
    "description_2": "Description, line 2",
    "effective_on": "Valid from",
    "entry": "Scanned or typed",
    "equity_due_on": "Next payment due",
    "invoice_on": "Invoice date",
    "is_food_stampable": "Food stamps allowed",
    "is_included": "In the price",
    "is_invalid": "Out of use",
    "is_local": "Only on this node",
    "is_synced": "Sent to other nodes",
    "multiple": "For how many",
    "ordinal": "Position",
    "params": "Parameters",
    "row_count": "Rows",
    "sil_code": "SIL code",
    "street_2": "Street, line 2",
    "syncs_users": "Sends its users, too",
    "transaction_ids": "Transactions",
    "unece_code": "UN/ECE code",
}
_ENDS = ("_id", "_at", "_on")


def label_of(name: str) -> str:
    """Make a label of a column's name, such as "Lead time, days" of lead_time_days."""
    if name in _KNOWN:
        return _KNOWN[name]
    plain = name.removeprefix("is_").removeprefix("has_")
    for end in _ENDS:
        plain = plain.removesuffix(end)
    for unit in ("percent", "days", "minutes", "mm"):
        if plain.endswith(f"_{unit}"):
            plain = f"{plain.removesuffix(f'_{unit}')}, {unit}"
    words = plain.replace("_", " ")
    return " ".join(_WORDS.get(word, word) for word in words.split(" ")).capitalize()


def option_of(word: str) -> str:
    """Write a word of an enum as people read it, such as "Gift card" of gift_card."""
    return word.replace("_", " ").capitalize()


def help_of(comment: str, words: Sequence[str] = ()) -> str:
    """Make a sentence for people of what the model says of a column.

    The model speaks to who writes programs. A form shows times in the zone of the node, and
    the `words` of a choice by themselves, so neither is said once more.
    """
    if comment in _PLAIN:
        return _PLAIN[comment]
    if words and comment.startswith(words[0]):
        return ""
    if words:
        comment = comment.partition(f": {words[0]}, ")[0].removesuffix(".") + "."
    return comment.replace(" (UTC)", "")


_PLAIN = {
    "ISO 4217 code; empty means the retailer's own currency.": (
        "Three letters, such as USD; empty means the retailer's own currency."
    ),
    "ISO 4217 code; empty means the store's currency.": (
        "Three letters, such as USD; empty means the store's currency."
    ),
    "Country, ISO 3166-1 alpha-2, such as US.": "Two letters, such as US.",
    "Country of origin, ISO 3166-1 alpha-2; may be empty.": (
        "Where it comes from, two letters such as US; may be empty."
    ),
    "IANA time zone, such as America/Chicago; empty: the node's.": (
        "Continent and city, such as America/Chicago; empty: the node's."
    ),
    "Language to write in (BCP 47), such as en or es-MX.": (
        "Language to write to them in, such as en or es-MX."
    ),
    "When the price holds: from inclusive, to exclusive or open.": (
        "From when to when the price holds; without an end, until another one does."
    ),
    "When the cost holds: from inclusive, to exclusive or open.": (
        "From when to when the cost holds; without an end, until another one does."
    ),
    "When the rate holds: from inclusive, to exclusive or open.": (
        "From when to when the rate holds; without an end, until another one does."
    ),
    "From the first day to the day after the last, or open.": (
        "From the first day to the last; without an end, until now."
    ),
    "How many of unit_id.": "How many, in the unit beside it.",
    "The size as a number, in the unit of unit_id.": "The size as a number, such as 12.",
    "The unit that unit_size is in.": "The unit of that number, such as ounce.",
    "Usual weight of one piece, in the unit of price_unit_id.": (
        "Usual weight of one piece, in the unit that its price is for."
    ),
    "What is paid for as many as multiple says, units or weight, in the currency.": (
        "What is paid for as many as stands below it, units or weight."
    ),
    "How far it is; see OrderItemStatus.": "How far it is.",
    "What happened; see SignInKind.": "What happened.",
    "What happened: a status, or such as note_added or price_confirmed.": (
        "What happened to it, such as placed or received."
    ),
    "Which report, such as sales_by_department.": "Which report it is.",
    "Its transactions: history_transactions.id.": "What it wrote, by the numbers of history.",
    "The person that goes; no reference, because the row is gone after it.": (
        "The person that goes."
    ),
    "gtin (its check digit is enforced) or other.": (
        "A barcode (GTIN), whose check digit must be right, or any other code."
    ),
    "members, or without being given: signed_in or anyone.": (
        "Those whom it is given to, all who are signed in, or everybody."
    ),
}
"""What the comments of some columns say to who looks at the database, in a clerk's words."""
