# SPDX-License-Identifier: Apache-2.0
"""The shared schema of the `poser` database, one module per subject."""

from poser.model.api_tokens import UserApiToken
from poser.model.brands import Brand
from poser.model.contacts import (
    AddressKind,
    EmailAddress,
    EmailKind,
    Phone,
    PhoneKind,
    PostalAddress,
)
from poser.model.costs import CostKind, VendorCost, VendorItem
from poser.model.customer_orders import (
    CustomerOrder,
    CustomerOrderItem,
    CustomerOrderItemEvent,
    OrderItemStatus,
    OrderStatus,
)
from poser.model.customers import (
    Customer,
    CustomerGroup,
    CustomerGroupCustomer,
    CustomerPerson,
    CustomerShopper,
    CustomerShopperPeriod,
    EmailPreference,
)
from poser.model.employees import (
    Employee,
    EmployeeDepartment,
    EmployeeStatus,
    EmployeeStore,
    EmploymentPeriod,
)
from poser.model.history import (
    CapturedChange,
    HistoryTransaction,
    RecordedTable,
    Version,
    VersionKind,
)
from poser.model.labels import LabelProfile
from poser.model.mail import BounceKind, EmailAttempt, EmailBounce, EmailStatus
from poser.model.members import EquityPaymentStatus, Member, MemberEquityPayment, MembershipType
from poser.model.messages import Folder, Message, MessageRecipient
from poser.model.money import Deposit, Tax, TaxRate, Tender, TenderKind
from poser.model.notes import Note, NoteKind
from poser.model.operations import ReportOutput, Upgrade, UpgradeRequirement, UpgradeStatus
from poser.model.org import Category, Department, Family, ReportCode, Store, Subdepartment
from poser.model.page_help import FieldHelp, PageHelp
from poser.model.pending import PendingCustomer, PendingProduct, PendingStatus
from poser.model.people import MergeStatus, Person, PersonMerge
from poser.model.prices import PriceKind, ProductPrice
from poser.model.product_codes import IfpsPlu, ProductCode, ProductCodeKind
from poser.model.product_details import (
    ImageKind,
    ProductFigures,
    ProductImage,
    ProductStore,
    ProductTax,
)
from poser.model.product_rules import ProductKind
from poser.model.products import Product
from poser.model.purchase_credits import CreditKind, CreditStatus, PurchaseCredit
from poser.model.purchases import Purchase, PurchaseItem, PurchaseStatus
from poser.model.settings import SettingRow
from poser.model.stock import AdjustmentReason, MovementKind, StockLevel, StockMovement
from poser.model.units import Unit, UnitKind
from poser.model.users import (
    SignInEvent,
    SignInKind,
    User,
    UserRole,
    UserRolePermission,
    UserSession,
    UserUserRole,
    user_user_role,
)
from poser.model.vendors import Vendor, VendorContact, VendorSampleFile

__all__ = [
    "AddressKind",
    "AdjustmentReason",
    "BounceKind",
    "Brand",
    "CapturedChange",
    "Category",
    "CostKind",
    "CreditKind",
    "CreditStatus",
    "Customer",
    "CustomerGroup",
    "CustomerGroupCustomer",
    "CustomerOrder",
    "CustomerOrderItem",
    "CustomerOrderItemEvent",
    "CustomerPerson",
    "CustomerShopper",
    "CustomerShopperPeriod",
    "Department",
    "Deposit",
    "EmailAddress",
    "EmailAttempt",
    "EmailBounce",
    "EmailKind",
    "EmailPreference",
    "EmailStatus",
    "Employee",
    "EmployeeDepartment",
    "EmployeeStatus",
    "EmployeeStore",
    "EmploymentPeriod",
    "EquityPaymentStatus",
    "Family",
    "FieldHelp",
    "Folder",
    "HistoryTransaction",
    "IfpsPlu",
    "ImageKind",
    "LabelProfile",
    "Member",
    "MemberEquityPayment",
    "MembershipType",
    "MergeStatus",
    "Message",
    "MessageRecipient",
    "MovementKind",
    "Note",
    "NoteKind",
    "OrderItemStatus",
    "OrderStatus",
    "PageHelp",
    "PendingCustomer",
    "PendingProduct",
    "PendingStatus",
    "Person",
    "PersonMerge",
    "Phone",
    "PhoneKind",
    "PostalAddress",
    "PriceKind",
    "Product",
    "ProductCode",
    "ProductCodeKind",
    "ProductFigures",
    "ProductImage",
    "ProductKind",
    "ProductPrice",
    "ProductStore",
    "ProductTax",
    "Purchase",
    "PurchaseCredit",
    "PurchaseItem",
    "PurchaseStatus",
    "RecordedTable",
    "ReportCode",
    "ReportOutput",
    "SettingRow",
    "SignInEvent",
    "SignInKind",
    "StockLevel",
    "StockMovement",
    "Store",
    "Subdepartment",
    "Tax",
    "TaxRate",
    "Tender",
    "TenderKind",
    "Unit",
    "UnitKind",
    "Upgrade",
    "UpgradeRequirement",
    "UpgradeStatus",
    "User",
    "UserApiToken",
    "UserRole",
    "UserRolePermission",
    "UserSession",
    "UserUserRole",
    "Vendor",
    "VendorContact",
    "VendorCost",
    "VendorItem",
    "VendorSampleFile",
    "Version",
    "VersionKind",
    "user_user_role",
]
