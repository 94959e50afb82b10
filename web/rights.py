# SPDX-License-Identifier: Apache-2.0
"""The permissions that several pages speak of, each in people's words."""

from web.permissions import Permission

SEE_PRODUCTS = Permission("products.view", "See products, their codes and prices")
SEE_POS_TRANSACTIONS = Permission(
    "pos_transactions.view", "See POS transactions: who sold what, when and for how much"
)
SEE_COSTS = Permission("costs.view", "See what goods cost, and margins")
EDIT_COSTS = Permission("costs.edit", "Change what goods cost")
