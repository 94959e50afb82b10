# SPDX-License-Identifier: Apache-2.0
"""The permissions that several pages speak of, each in people's words."""

from web.permissions import Permission

SEE_PRODUCTS = Permission("products.view", "See products")
SEE_POS_TRANSACTIONS = Permission(
    "pos_transactions.view", "See POS transactions: who sold what, when and for how much"
)
SEE_COSTS = Permission("costs.view", "See what goods cost, and margins")
EDIT_COSTS = Permission("costs.edit", "Change what goods cost")
BECOME_ROOT = Permission(
    "root.become", "Have every permission for a quarter of an hour, with a reason, on record"
)
USERS_RIGHTS = Permission(
    "users.rights", "See and change what users may do: user roles, stores, passwords, sessions"
)
EDIT_PERMISSIONS = Permission(
    "permissions.edit", "See and change which permissions user roles have"
)
MAKE_ADMINISTRATORS = Permission(
    "user_roles.make_administrators", "Let a user role have every permission there is"
)
SEE_NODE = Permission("node.view", "See how this node is and what failed on it")
SEE_IMPORTS = Permission("imports.view", "See import runs")
