# SPDX-License-Identifier: Apache-2.0
"""Employees, where they work, and since when."""

from sqlalchemy import func

from poser.model import (
    Employee,
    EmployeeDepartment,
    EmployeeStore,
    EmploymentPeriod,
    Person,
)
from web.grid.subject import Column, Order
from web.resources import Area, Related, Resource, Section
from web.resources.columns import called
from web.resources.parts import table_of

_C = table_of(Employee).c
_NAME = func.coalesce(func.nullif(_C.display_name, ""), called(table_of(Person), _C.person_id), "")
"""How an employee is called, who may have no other name than the person's."""

RESOURCES = (
    Resource(
        model=Employee,
        path="/employees",
        title="Employees",
        one="employee",
        many="employees",
        icon="briefcase",
        area=Area.PEOPLE,
        rank=40,
        about="Who works or worked here, in which stores and departments, and since when.",
        empty="Add the person first, then the employee.",
        label="display_name",
        order="number",
        is_small=True,
        search="number display_name job_title",
        search_hint="Name, number or job",
        columns=(
            "number",
            Column(
                name="display_name",
                label="Name",
                value=_NAME,
                order=Order(by=_NAME),
                links=True,
                css="lead-cell",
            ),
            "person_id",
            "job_title",
            "status",
            "is_full_time",
            "modified_at",
        ),
        columns_more=("full_time_since",),
        sections=(
            Section(
                title="Employee",
                fields=("number", "person_id", "display_name", "job_title", "status"),
            ),
            Section(title="Hours", fields=("is_full_time", "full_time_since")),
        ),
        related=(
            Related(table="employee_stores", by="employee_id"),
            Related(table="employee_departments", by="employee_id"),
            Related(table="employment_periods", by="employee_id"),
            Related(table="notes", by="employee_id"),
        ),
    ),
    Resource(
        model=EmployeeStore,
        path="/employee-stores",
        title="Stores of employees",
        one="store of an employee",
        many="stores of employees",
        icon="store",
        area=Area.PEOPLE,
        in_menu=False,
        about="Who works in which stores; the first one is where an employee belongs.",
        empty="Add a store on the page of the employee.",
        label="store_id",
        order="ordinal",
        is_small=True,
        columns=("employee_id", "store_id", "ordinal"),
    ),
    Resource(
        model=EmployeeDepartment,
        path="/employee-departments",
        title="Departments of employees",
        one="department of an employee",
        many="departments of employees",
        icon="layout-grid",
        area=Area.PEOPLE,
        in_menu=False,
        about="Who works in which departments.",
        empty="Add a department on the page of the employee.",
        label="department_id",
        order="ordinal",
        is_small=True,
        columns=("employee_id", "department_id", "ordinal"),
    ),
    Resource(
        model=EmploymentPeriod,
        path="/employment-periods",
        title="Times of employment",
        one="time of employment",
        many="times of employment",
        icon="calendar-range",
        area=Area.PEOPLE,
        in_menu=False,
        about="From when to when somebody worked here.",
        empty="Add a time on the page of the employee.",
        label="employee_id",
        order="modified_at",
        is_small=True,
        columns=("employee_id", "valid", "note", "modified_at"),
    ),
)
