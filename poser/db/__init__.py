# SPDX-License-Identifier: Apache-2.0
"""Connections to PostgreSQL: engines, transactions and the names of things in tables."""

from poser.db.engines import engine
from poser.db.transactions import transaction

__all__ = ["engine", "transaction"]
