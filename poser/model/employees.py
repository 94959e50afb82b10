# SPDX-License-Identifier: Apache-2.0
"""Who works for the retailer, when, where and in which departments."""

from datetime import date
from enum import StrEnum
from uuid import UUID

from sqlalchemy import SmallInteger, text
from sqlalchemy.dialects.postgresql import DATERANGE, Range
from sqlalchemy.orm import Mapped, mapped_column

import poser.model.org
import poser.model.people  # noqa: F401 - tables that these refer to
from poser.db.base import CreatedAt, Id, Model, ModifiedAt
from poser.model.columns import check, filled, flag, no_overlap, one_of, reference, unique, words
from poser.model.syncing import Flow, Sync, following


class EmployeeStatus(StrEnum):
    """Whether somebody works here now."""

    CURRENT = "current"
    FORMER = "former"


_STORES = (
    "(SELECT coalesce(array_agg(e.store_id::text), '{}') FROM employee_stores AS e"
    " WHERE e.employee_id = %s.id)"
)
OF_EMPLOYEES = {
    "sync": Sync(flow=Flow.DOWN, recipients=_STORES % "r", looks_at=("employee_stores",))
}
"""Staff are known in the stores where they work."""

OF_EMPLOYEE = following("employee_id", "employees", _STORES % "p", flow=Flow.DOWN)
"""How what belongs to an employee is kept in step."""


class Employee(Model):
    """A person as somebody who works here."""

    __tablename__ = "employees"
    __table_args__ = (
        unique("number"),
        unique("person_id"),
        filled("number"),
        one_of("status", EmployeeStatus),
        {"comment": "People who work or worked here.", "info": OF_EMPLOYEES},
    )

    id: Mapped[Id]
    number: Mapped[str | None] = mapped_column(comment="Number at the till; leading zeros count.")
    person_id: Mapped[UUID] = reference("people.id", "Who it is.", index=False)
    status: Mapped[str] = words("current or former.", default=EmployeeStatus.CURRENT)
    display_name: Mapped[str] = words("Name on receipts and badges; empty: the person's.")
    job_title: Mapped[str] = words("What they do, such as cashier.")
    is_full_time: Mapped[bool] = flag("Works full time.")
    full_time_since: Mapped[date | None] = mapped_column(comment="Day from which full time.")
    created_at: Mapped[CreatedAt]
    modified_at: Mapped[ModifiedAt]


class EmploymentPeriod(Model):
    """A time during which somebody worked here."""

    __tablename__ = "employment_periods"
    __table_args__ = (
        no_overlap(
            "ex_employment_periods_no_overlap",
            "employee_id",
            sentence="{employee_id} is employed already between {valid.from} and {valid.to}:"
            " from {other.from} to {other.to}.",
        ),
        check("valid", "NOT isempty(valid)", "An employment must end after it begins."),
        {"comment": "When people worked here.", "info": OF_EMPLOYEE},
    )

    id: Mapped[Id]
    employee_id: Mapped[UUID] = reference("employees.id", "Who worked.", ondelete="CASCADE")
    valid: Mapped[Range[date]] = mapped_column(
        DATERANGE, comment="From the first day to the day after the last, or open."
    )
    note: Mapped[str] = words("What somebody wrote about it.")
    created_at: Mapped[CreatedAt]
    modified_at: Mapped[ModifiedAt]


class EmployeeDepartment(Model):
    """A department that an employee works in."""

    __tablename__ = "employee_departments"
    __table_args__ = (
        unique("employee_id", "department_id"),
        {"comment": "Who works in which departments.", "info": OF_EMPLOYEE},
    )

    id: Mapped[Id]
    employee_id: Mapped[UUID] = reference(
        "employees.id", "Who works there.", ondelete="CASCADE", index=False
    )
    department_id: Mapped[UUID] = reference("departments.id", "The department.", ondelete="CASCADE")
    ordinal: Mapped[int] = mapped_column(
        SmallInteger, server_default=text("1"), default=1, comment="1 is the main department."
    )


class EmployeeStore(Model):
    """A store that an employee works in."""

    __tablename__ = "employee_stores"
    __table_args__ = (
        unique("employee_id", "store_id"),
        {"comment": "Who works in which stores.", "info": OF_EMPLOYEE},
    )

    id: Mapped[Id]
    employee_id: Mapped[UUID] = reference(
        "employees.id", "Who works there.", ondelete="CASCADE", index=False
    )
    store_id: Mapped[UUID] = reference("stores.id", "The store.", ondelete="CASCADE")
    ordinal: Mapped[int] = mapped_column(
        SmallInteger, server_default=text("1"), default=1, comment="1 is the main store."
    )
