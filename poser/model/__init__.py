# SPDX-License-Identifier: Apache-2.0
"""The shared schema of the `poser` database, one module per subject."""

from poser.model.history import (
    CapturedChange,
    HistoryTransaction,
    RecordedTable,
    Version,
    VersionKind,
)
from poser.model.org import Department, Store
from poser.model.prices import PriceKind, ProductPrice
from poser.model.products import Brand, Product, ProductCode
from poser.model.settings import SettingRow
from poser.model.users import (
    SignInEvent,
    SignInKind,
    User,
    UserRole,
    UserRolePermission,
    UserSession,
    user_user_role,
)

__all__ = [
    "Brand",
    "CapturedChange",
    "Department",
    "HistoryTransaction",
    "PriceKind",
    "Product",
    "ProductCode",
    "ProductPrice",
    "RecordedTable",
    "SettingRow",
    "SignInEvent",
    "SignInKind",
    "Store",
    "User",
    "UserRole",
    "UserRolePermission",
    "UserSession",
    "Version",
    "VersionKind",
    "user_user_role",
]
