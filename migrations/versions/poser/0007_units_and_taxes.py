# SPDX-License-Identifier: Apache-2.0
"""Units of measure, taxes, deposits and tenders; what products say of all that."""

from alembic import op

from migrations.recording import record, unrecord
from migrations.tables import (
    CREATED_AT,
    KEY,
    MODIFIED_AT,
    check,
    column,
    create_table,
    drop_columns,
    drop_tables,
    extend_table,
    index,
    no_overlap,
    references,
    unique,
)

revision = "poser_0007"
down_revision = "poser_0006"
branch_labels = None
depends_on = None
# pre: before the new code, and the previous release still runs on it; post: after it.
phase = "pre"

# The same ids on every node, so that nodes that exchange their products agree on them.
UNITS = """
INSERT INTO units (id, abbreviation, name, kind, factor, unece_code) VALUES
    ('00000000-0000-7000-8000-000000000100', 'each', 'each', 'count', 1, 'C62'),
    ('00000000-0000-7000-8000-000000000101', 'dozen', 'dozen', 'count', 12, 'DZN'),
    ('00000000-0000-7000-8000-000000000102', 'lb', 'pound', 'weight', 453.59237, 'LBR'),
    ('00000000-0000-7000-8000-000000000103', 'oz', 'ounce', 'weight', 28.349523125, 'ONZ'),
    ('00000000-0000-7000-8000-000000000104', 'kg', 'kilogram', 'weight', 1000, 'KGM'),
    ('00000000-0000-7000-8000-000000000105', 'g', 'gram', 'weight', 1, 'GRM'),
    ('00000000-0000-7000-8000-000000000106', 'fl oz', 'fluid ounce', 'volume', 29.573529563, 'OZA'),
    ('00000000-0000-7000-8000-000000000107', 'pt', 'pint (US)', 'volume', 473.176473, 'PTL'),
    ('00000000-0000-7000-8000-000000000108', 'qt', 'quart (US)', 'volume', 946.352946, 'QTL'),
    ('00000000-0000-7000-8000-000000000109', 'gal', 'gallon (US)', 'volume', 3785.411784, 'GLL'),
    ('00000000-0000-7000-8000-00000000010a', 'l', 'liter', 'volume', 1000, 'LTR'),
    ('00000000-0000-7000-8000-00000000010b', 'ml', 'milliliter', 'volume', 1, 'MLT'),
    ('00000000-0000-7000-8000-00000000010c', 'm', 'meter', 'length', 1, 'MTR'),
    ('00000000-0000-7000-8000-00000000010d', 'ft', 'foot', 'length', 0.3048, 'FOT'),
    ('00000000-0000-7000-8000-00000000010e', 'sq ft', 'square foot', 'area', 0.09290304, 'FTK')
"""

RECORDED = ("units", "taxes", "tax_rates", "deposits", "tenders")


def upgrade() -> None:
    """Create the tables."""
    _create_units()
    _create_taxes()
    _create_tax_rates()
    _create_deposits()
    _create_tenders()
    _extend_departments()
    _extend_products()
    for table in RECORDED:
        record(table)
    record("products", without=("last_sold_on",))
    op.execute(UNITS)


def downgrade() -> None:
    """Drop them with everything in them."""
    for table in reversed(RECORDED):
        unrecord(table)
    drop_columns(
        "products",
        "subdepartment_id",
        "category_id",
        "family_id",
        "report_code_id",
        "unit_size",
        "unit_id",
        "price_unit_id",
        "deposit_id",
    )
    drop_columns("departments", "tax_id")
    drop_tables("tenders", "deposits", "tax_rates", "taxes", "units")


def _create_units() -> None:
    create_table(
        "units",
        "Units of measure.",
        KEY,
        column("abbreviation", "text NOT NULL", "As printed on labels, such as lb."),
        column("name", "text NOT NULL", "The whole word, such as pound."),
        column("kind", "text NOT NULL", "count, weight, volume, length or area."),
        column(
            "factor",
            "numeric(18, 9) NOT NULL",
            "How many base units it is: each, gram, milliliter, meter, square meter.",
        ),
        column(
            "unece_code",
            "text DEFAULT '' NOT NULL",
            "Common code of UN/ECE Recommendation 20, such as LBR.",
        ),
        column(
            "sil_code",
            "text DEFAULT '' NOT NULL",
            "Code of the Standard Interchange Language, such as 49.",
        ),
        CREATED_AT,
        MODIFIED_AT,
        check(
            "abbreviation",
            "abbreviation <> '' AND abbreviation = btrim(abbreviation)",
            "The abbreviation may not be empty or have blanks around it.",
        ),
        check("factor", "factor > 0", "The factor of a unit is more than zero; not {factor}."),
        check(
            "kind",
            "kind IN ('count', 'weight', 'volume', 'length', 'area')",
            "Kind is count, weight, volume, length, area; not {kind}.",
        ),
        check(
            "name",
            "name <> '' AND name = btrim(name)",
            "The name may not be empty or have blanks around it.",
        ),
        unique("abbreviation"),
    )


def _create_taxes() -> None:
    create_table(
        "taxes",
        "Taxes on sales.",
        KEY,
        column("code", "text NOT NULL", "Short code on tills and receipts, such as A."),
        column("description", "text NOT NULL", "What it is, such as Illinois grocery tax."),
        column(
            "is_included",
            "boolean DEFAULT false NOT NULL",
            "Prices include it, as value added taxes are shown.",
        ),
        CREATED_AT,
        MODIFIED_AT,
        check(
            "code",
            "code <> '' AND code = btrim(code)",
            "The code may not be empty or have blanks around it.",
        ),
        check(
            "description",
            "description <> '' AND description = btrim(description)",
            "The description may not be empty or have blanks around it.",
        ),
        unique("code"),
    )


def _create_tax_rates() -> None:
    create_table(
        "tax_rates",
        "Rates of taxes, each for a range of time.",
        KEY,
        column("tax_id", "uuid NOT NULL", "The tax."),
        column("store_id", "uuid", "The store the rate holds in; empty means all stores."),
        column("percent", "numeric(8, 5) NOT NULL", "What it takes, percent, as 8.25."),
        column(
            "valid",
            "tstzrange NOT NULL",
            "When the rate holds: from inclusive, to exclusive or open.",
        ),
        CREATED_AT,
        MODIFIED_AT,
        check("percent", "percent >= 0", "A tax rate cannot be negative; not {percent}."),
        check("valid", "NOT isempty(valid)", "The time a rate holds must end after it begins."),
        references("store_id", "stores (id)"),
        references("tax_id", "taxes (id)", "ON DELETE CASCADE"),
        no_overlap(
            "tax_id WITH =, coalesce(store_id, '00000000-0000-0000-0000-000000000000'::uuid)"
            " WITH =, valid WITH &&",
            "The tax {tax_id} has another rate between {valid.from} and {valid.to}: one that"
            " holds from {other.from} to {other.to}.",
        ),
        index("store_id"),
        index("tax_id"),
    )


def _create_deposits() -> None:
    create_table(
        "deposits",
        "Deposits on containers.",
        KEY,
        column("code", "text NOT NULL", "Short code, as tills know it."),
        column("description", "text DEFAULT '' NOT NULL", "What container it is for."),
        column("amount", "numeric(12, 3) NOT NULL", "Deposit on one container."),
        column(
            "currency",
            "text DEFAULT '' NOT NULL",
            "ISO 4217 code; empty means the retailer's own currency.",
        ),
        CREATED_AT,
        MODIFIED_AT,
        check("amount", "amount > 0", "A deposit is more than nothing; not {amount}."),
        check(
            "code",
            "code <> '' AND code = btrim(code)",
            "The code may not be empty or have blanks around it.",
        ),
        check(
            "currency",
            "currency ~ '^([A-Z]{3})?$'",
            "A currency is three capital letters of ISO 4217, such as USD; not {currency}.",
        ),
        unique("code"),
    )


def _create_tenders() -> None:
    create_table(
        "tenders",
        "Ways to pay at tills.",
        KEY,
        column("code", "text NOT NULL", "Code on tills, such as CA."),
        column("name", "text NOT NULL", "What people call it."),
        column(
            "kind",
            "text NOT NULL",
            "cash, card, check, food_stamps, gift_card, coupon, account or other.",
        ),
        column(
            "currency",
            "text DEFAULT '' NOT NULL",
            "ISO 4217 code; empty means the retailer's own currency.",
        ),
        column(
            "allows_cash_back",
            "boolean DEFAULT false NOT NULL",
            "More may be taken than is due, and the rest given back.",
        ),
        column("opens_drawer", "boolean DEFAULT true NOT NULL", "The drawer opens for it."),
        column("is_disabled", "boolean DEFAULT false NOT NULL", "Not taken any more."),
        CREATED_AT,
        MODIFIED_AT,
        check(
            "code",
            "code <> '' AND code = btrim(code)",
            "The code may not be empty or have blanks around it.",
        ),
        check(
            "currency",
            "currency ~ '^([A-Z]{3})?$'",
            "A currency is three capital letters of ISO 4217, such as USD; not {currency}.",
        ),
        check(
            "kind",
            "kind IN ('cash', 'card', 'check', 'food_stamps', 'gift_card', 'coupon',"
            " 'account', 'other')",
            "Kind is cash, card, check, food_stamps, gift_card, coupon, account, other; not"
            " {kind}.",
        ),
        check(
            "name",
            "name <> '' AND name = btrim(name)",
            "The name may not be empty or have blanks around it.",
        ),
        unique("code"),
    )


def _extend_departments() -> None:
    extend_table(
        "departments",
        column("tax_id", "uuid", "Tax that new products in it get."),
        references("tax_id", "taxes (id)", "ON DELETE SET NULL"),
        index("tax_id"),
    )


def _extend_products() -> None:
    extend_table(
        "products",
        column("subdepartment_id", "uuid", "The part of the department."),
        column("category_id", "uuid", "What buyers plan it with."),
        column("family_id", "uuid", "The family that coupons name."),
        column("report_code_id", "uuid", "Its group in reports."),
        column("unit_size", "numeric(14, 4)", "The size as a number, in the unit of unit_id."),
        column("unit_id", "uuid", "The unit that unit_size is in."),
        column(
            "price_unit_id",
            "uuid",
            "What a price is for, such as pound or kilogram; empty means each.",
        ),
        column("deposit_id", "uuid", "Deposit on its container."),
        check(
            "unit_size",
            "(unit_size IS NULL) = (unit_id IS NULL) AND unit_size > 0",
            "A size is a number above zero with its unit; not {unit_size} {unit_id}.",
        ),
        references("category_id", "categories (id)"),
        references("deposit_id", "deposits (id)"),
        references("family_id", "families (id)"),
        references("price_unit_id", "units (id)"),
        references("report_code_id", "report_codes (id)"),
        references("subdepartment_id", "subdepartments (id)"),
        references("unit_id", "units (id)"),
        index("category_id"),
        index("deposit_id"),
        index("family_id"),
        index("price_unit_id"),
        index("report_code_id"),
        index("subdepartment_id"),
        index("unit_id"),
    )
