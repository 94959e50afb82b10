# SPDX-License-Identifier: Apache-2.0
"""The shared schema of the `poser` database, one module per subject.

A name is imported with its subject when it is first asked for: a web worker that shows
products need not carry purchases. Each subject imports those that its tables refer to.
`load()` imports them all, for whoever needs the whole schema.
"""

from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from poser.model.api_tokens import UserApiToken as UserApiToken
    from poser.model.batches import Batch as Batch
    from poser.model.batches import BatchEvent as BatchEvent
    from poser.model.batches import BatchExecution as BatchExecution
    from poser.model.batches import BatchRow as BatchRow
    from poser.model.batches import BatchStatus as BatchStatus
    from poser.model.batches import ExecutionStatus as ExecutionStatus
    from poser.model.batches import RowOutcome as RowOutcome
    from poser.model.brands import Brand as Brand
    from poser.model.contacts import AddressKind as AddressKind
    from poser.model.contacts import EmailAddress as EmailAddress
    from poser.model.contacts import EmailKind as EmailKind
    from poser.model.contacts import Phone as Phone
    from poser.model.contacts import PhoneKind as PhoneKind
    from poser.model.contacts import PostalAddress as PostalAddress
    from poser.model.costs import CostKind as CostKind
    from poser.model.costs import VendorCost as VendorCost
    from poser.model.costs import VendorItem as VendorItem
    from poser.model.customer_orders import CustomerOrder as CustomerOrder
    from poser.model.customer_orders import CustomerOrderItem as CustomerOrderItem
    from poser.model.customer_orders import CustomerOrderItemEvent as CustomerOrderItemEvent
    from poser.model.customer_orders import OrderItemStatus as OrderItemStatus
    from poser.model.customer_orders import OrderStatus as OrderStatus
    from poser.model.customers import Customer as Customer
    from poser.model.customers import CustomerGroup as CustomerGroup
    from poser.model.customers import CustomerGroupCustomer as CustomerGroupCustomer
    from poser.model.customers import CustomerPerson as CustomerPerson
    from poser.model.customers import CustomerShopper as CustomerShopper
    from poser.model.customers import CustomerShopperPeriod as CustomerShopperPeriod
    from poser.model.customers import EmailPreference as EmailPreference
    from poser.model.datasync import DatasyncChange as DatasyncChange
    from poser.model.datasync import DatasyncConflict as DatasyncConflict
    from poser.model.datasync import DatasyncNode as DatasyncNode
    from poser.model.datasync import DatasyncParked as DatasyncParked
    from poser.model.datasync import DatasyncPeer as DatasyncPeer
    from poser.model.datasync import DatasyncRecipients as DatasyncRecipients
    from poser.model.datasync import DatasyncSettled as DatasyncSettled
    from poser.model.datasync import NodeKind as NodeKind
    from poser.model.datasync import PeerState as PeerState
    from poser.model.employees import Employee as Employee
    from poser.model.employees import EmployeeDepartment as EmployeeDepartment
    from poser.model.employees import EmployeeStatus as EmployeeStatus
    from poser.model.employees import EmployeeStore as EmployeeStore
    from poser.model.employees import EmploymentPeriod as EmploymentPeriod
    from poser.model.factors import UserPasskey as UserPasskey
    from poser.model.factors import UserRecoveryCode as UserRecoveryCode
    from poser.model.factors import UserTotp as UserTotp
    from poser.model.feedback import UserFeedback as UserFeedback
    from poser.model.history import CapturedChange as CapturedChange
    from poser.model.history import HistoryTransaction as HistoryTransaction
    from poser.model.history import RecordedTable as RecordedTable
    from poser.model.history import Version as Version
    from poser.model.history import VersionKind as VersionKind
    from poser.model.importing import ImportChange as ImportChange
    from poser.model.importing import ImportRefusal as ImportRefusal
    from poser.model.importing import ImportRun as ImportRun
    from poser.model.labels import LabelProfile as LabelProfile
    from poser.model.mail import BounceKind as BounceKind
    from poser.model.mail import Email as Email
    from poser.model.mail import EmailAttempt as EmailAttempt
    from poser.model.mail import EmailBounce as EmailBounce
    from poser.model.mail import EmailSettings as EmailSettings
    from poser.model.mail import EmailStatus as EmailStatus
    from poser.model.mail import OutboxStatus as OutboxStatus
    from poser.model.members import EquityPaymentStatus as EquityPaymentStatus
    from poser.model.members import Member as Member
    from poser.model.members import MemberEquityPayment as MemberEquityPayment
    from poser.model.members import MembershipType as MembershipType
    from poser.model.messages import Folder as Folder
    from poser.model.messages import Message as Message
    from poser.model.messages import MessageRecipient as MessageRecipient
    from poser.model.money import Deposit as Deposit
    from poser.model.money import Tax as Tax
    from poser.model.money import TaxRate as TaxRate
    from poser.model.money import Tender as Tender
    from poser.model.money import TenderKind as TenderKind
    from poser.model.notes import Note as Note
    from poser.model.notes import NoteKind as NoteKind
    from poser.model.operations import ReportOutput as ReportOutput
    from poser.model.operations import Upgrade as Upgrade
    from poser.model.operations import UpgradeRequirement as UpgradeRequirement
    from poser.model.operations import UpgradeStatus as UpgradeStatus
    from poser.model.org import Category as Category
    from poser.model.org import Department as Department
    from poser.model.org import Family as Family
    from poser.model.org import ReportCode as ReportCode
    from poser.model.org import Store as Store
    from poser.model.org import Subdepartment as Subdepartment
    from poser.model.page_help import FieldHelp as FieldHelp
    from poser.model.page_help import PageHelp as PageHelp
    from poser.model.pending import PendingCustomer as PendingCustomer
    from poser.model.pending import PendingProduct as PendingProduct
    from poser.model.pending import PendingStatus as PendingStatus
    from poser.model.people import MergeStatus as MergeStatus
    from poser.model.people import Person as Person
    from poser.model.people import PersonMerge as PersonMerge
    from poser.model.portal import PortalAccount as PortalAccount
    from poser.model.portal import PortalEvent as PortalEvent
    from poser.model.portal import PortalEventKind as PortalEventKind
    from poser.model.portal import PortalSession as PortalSession
    from poser.model.portal import PortalToken as PortalToken
    from poser.model.portal import PortalTokenKind as PortalTokenKind
    from poser.model.prices import PriceKind as PriceKind
    from poser.model.prices import ProductPrice as ProductPrice
    from poser.model.product_codes import IfpsPlu as IfpsPlu
    from poser.model.product_codes import ProductCode as ProductCode
    from poser.model.product_codes import ProductCodeKind as ProductCodeKind
    from poser.model.product_details import ImageKind as ImageKind
    from poser.model.product_details import ProductFigures as ProductFigures
    from poser.model.product_details import ProductImage as ProductImage
    from poser.model.product_details import ProductStore as ProductStore
    from poser.model.product_details import ProductTax as ProductTax
    from poser.model.product_rules import ProductKind as ProductKind
    from poser.model.products import Product as Product
    from poser.model.purchase_credits import CreditKind as CreditKind
    from poser.model.purchase_credits import CreditStatus as CreditStatus
    from poser.model.purchase_credits import PurchaseCredit as PurchaseCredit
    from poser.model.purchases import Purchase as Purchase
    from poser.model.purchases import PurchaseItem as PurchaseItem
    from poser.model.purchases import PurchaseStatus as PurchaseStatus
    from poser.model.settings import SettingRow as SettingRow
    from poser.model.stock import AdjustmentReason as AdjustmentReason
    from poser.model.stock import MovementKind as MovementKind
    from poser.model.stock import StockLevel as StockLevel
    from poser.model.stock import StockMovement as StockMovement
    from poser.model.tasks import Task as Task
    from poser.model.tasks import TaskFile as TaskFile
    from poser.model.tasks import TaskStatus as TaskStatus
    from poser.model.units import Unit as Unit
    from poser.model.units import UnitKind as UnitKind
    from poser.model.users import HoldsFor as HoldsFor
    from poser.model.users import SignInEvent as SignInEvent
    from poser.model.users import SignInKind as SignInKind
    from poser.model.users import User as User
    from poser.model.users import UserRole as UserRole
    from poser.model.users import UserRolePermission as UserRolePermission
    from poser.model.users import UserSession as UserSession
    from poser.model.users import UserStore as UserStore
    from poser.model.users import UserUserRole as UserUserRole
    from poser.model.users import user_user_role as user_user_role
    from poser.model.vendors import Vendor as Vendor
    from poser.model.vendors import VendorContact as VendorContact
    from poser.model.vendors import VendorSampleFile as VendorSampleFile
    from poser.model.views import GridView as GridView
    from poser.model.watching import PushedSystem as PushedSystem
    from poser.model.watching import WatchedChange as WatchedChange
    from poser.model.watching import WatchedRecord as WatchedRecord
    from poser.model.watching import WatchedSystem as WatchedSystem

_SUBJECTS = {
    "api_tokens": "UserApiToken",
    "batches": "Batch BatchEvent BatchExecution BatchRow BatchStatus ExecutionStatus RowOutcome",
    "brands": "Brand",
    "contacts": "AddressKind EmailAddress EmailKind Phone PhoneKind PostalAddress",
    "costs": "CostKind VendorCost VendorItem",
    "customer_orders": "CustomerOrder CustomerOrderItem"
    " CustomerOrderItemEvent OrderItemStatus OrderStatus",
    "customers": "Customer CustomerGroup CustomerGroupCustomer"
    " CustomerPerson CustomerShopper CustomerShopperPeriod EmailPreference",
    "datasync": "DatasyncChange DatasyncConflict DatasyncNode DatasyncParked"
    " DatasyncPeer DatasyncRecipients DatasyncSettled NodeKind PeerState",
    "employees": "Employee EmployeeDepartment EmployeeStatus EmployeeStore EmploymentPeriod",
    "feedback": "UserFeedback",
    "factors": "UserPasskey UserRecoveryCode UserTotp",
    "history": "CapturedChange HistoryTransaction RecordedTable Version VersionKind",
    "importing": "ImportChange ImportRefusal ImportRun",
    "labels": "LabelProfile",
    "mail": "BounceKind Email EmailAttempt EmailBounce EmailSettings EmailStatus OutboxStatus",
    "members": "EquityPaymentStatus Member MemberEquityPayment MembershipType",
    "messages": "Folder Message MessageRecipient",
    "money": "Deposit Tax TaxRate Tender TenderKind",
    "notes": "Note NoteKind",
    "operations": "ReportOutput Upgrade UpgradeRequirement UpgradeStatus",
    "org": "Category Department Family ReportCode Store Subdepartment",
    "page_help": "FieldHelp PageHelp",
    "pending": "PendingCustomer PendingProduct PendingStatus",
    "people": "MergeStatus Person PersonMerge",
    "portal": "PortalAccount PortalEvent PortalEventKind PortalSession PortalToken PortalTokenKind",
    "prices": "PriceKind ProductPrice",
    "product_codes": "IfpsPlu ProductCode ProductCodeKind",
    "product_details": "ImageKind ProductFigures ProductImage ProductStore ProductTax",
    "product_rules": "ProductKind",
    "products": "Product",
    "purchase_credits": "CreditKind CreditStatus PurchaseCredit",
    "purchases": "Purchase PurchaseItem PurchaseStatus",
    "settings": "SettingRow",
    "stock": "AdjustmentReason MovementKind StockLevel StockMovement",
    "tasks": "Task TaskFile TaskStatus",
    "units": "Unit UnitKind",
    "users": "HoldsFor SignInEvent SignInKind User UserRole"
    " UserRolePermission UserSession UserStore UserUserRole user_user_role",
    "vendors": "Vendor VendorContact VendorSampleFile",
    "views": "GridView",
    "watching": "PushedSystem WatchedChange WatchedRecord WatchedSystem",
}
_SUBJECT_OF = {name: subject for subject, names in _SUBJECTS.items() for name in names.split()}


def __getattr__(name: str) -> object:
    subject = _SUBJECT_OF.get(name)
    if subject is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found: object = getattr(import_module(f"{__name__}.{subject}"), name)
    globals()[name] = found
    return found


def load() -> None:
    """Import every subject, so that the metadata has all tables."""
    for module in iter_modules(__path__):
        import_module(f"{__name__}.{module.name}")
