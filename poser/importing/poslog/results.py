# SPDX-License-Identifier: Apache-2.0
"""What came of a log, in the words of runs."""

from poser.importing.poslog.run import FileResult
from poser.importing.result import ModelResult, Refusal

_GOODS = {
    "stores": ("Store", "stores"),
    "departments": ("Department", "departments"),
    "products": ("Product", "products"),
    "codes": ("ProductCode", "product_codes"),
    "prices": ("ProductPrice", "product_prices"),
}


def results(file: FileResult) -> list[ModelResult]:
    """Count what a log brought, model by model."""
    counts = file.counts
    goods = [
        ModelResult(model=model, table=table, created=counts[kind])
        for kind, (model, table) in _GOODS.items()
    ]
    sales = ModelResult(
        model="PosTransaction",
        created=counts["created"],
        updated=counts["replaced"],
        unchanged=counts["unchanged"],
        refused=counts["refused"] + counts["refused_items"],
    )
    sales.read = sales.changes + sales.unchanged + counts["refused"]
    sales.refusals += [
        Refusal(
            model=sales.model,
            place=one.line,
            field=one.field,
            value=one.value,
            reason=f"transaction {one.entry}: {one.reason}",
        )
        for one in file.rejects
    ]
    return [*goods, sales]
