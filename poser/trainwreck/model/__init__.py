# SPDX-License-Identifier: Apache-2.0
"""The tables of the `trainwreck` database: POS transactions and what is in them.

Rows are facts reported by tills and stand alone: they carry numbers and names as the
till knew them and refer to nothing in the `poser` database. Every table carries the
business date, and it is part of every key: the tables are cut by its months.
"""

from poser.trainwreck.model.columns import TrainwreckModel
from poser.trainwreck.model.outbox import PosOutboxEntry
from poser.trainwreck.model.parts import (
    LineKind,
    PosDiscount,
    PosLine,
    PosTax,
    PosTender,
    TenderKind,
)
from poser.trainwreck.model.rejects import PosReject
from poser.trainwreck.model.sales import SalesDepartment, SalesHour, SalesTender
from poser.trainwreck.model.transactions import (
    PARTITIONS,
    PosTransaction,
    PosTransactionKey,
    TransactionKind,
)

__all__ = [
    "PARTITIONS",
    "LineKind",
    "PosDiscount",
    "PosLine",
    "PosOutboxEntry",
    "PosReject",
    "PosTax",
    "PosTender",
    "PosTransaction",
    "PosTransactionKey",
    "SalesDepartment",
    "SalesHour",
    "SalesTender",
    "TenderKind",
    "TrainwreckModel",
    "TransactionKind",
]
