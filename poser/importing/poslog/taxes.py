# SPDX-License-Identifier: Apache-2.0
"""Reading taxes, on the whole POS transaction and on its lines."""

from poser.importing.poslog.fields import MONEY, attribute, flag, number, required_number, text
from poser.importing.poslog.receipt import Receipt
from poser.importing.poslog.records import Tax
from poser.importing.poslog.xml import Element

_RATE = 4


def read_tax(item: Element, tax: Element, receipt: Receipt) -> None:
    """Read a tax on the whole: the element Tax of a LineItem."""
    receipt.taxes.append(_tax(tax, receipt.next(), None, is_void=flag(item, "VoidFlag")))


def read_line_taxes(sale: Element, line_sequence: int, receipt: Receipt) -> None:
    """Read the taxes inside one item line."""
    for tax in sale.every("Tax"):
        receipt.taxes.append(_tax(tax, receipt.next(), line_sequence, is_void=False))


def _tax(tax: Element, sequence: int, line_sequence: int | None, *, is_void: bool) -> Tax:
    return Tax(
        sequence=sequence,
        line_sequence=line_sequence,
        code=attribute(tax, "acs:TaxID", "TaxID") or text(tax, "TaxRuleID", "TaxGroupID"),
        description=attribute(tax, "acs:TaxDescription", "TaxDescription")
        or text(tax, "TaxDescription"),
        taxable=number(tax, "TaxableAmount", places=MONEY),
        percent=number(tax, "Percent", places=_RATE),
        amount=required_number(tax, "Amount", places=MONEY),
        is_void=is_void,
    )
