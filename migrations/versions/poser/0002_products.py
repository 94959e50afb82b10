# SPDX-License-Identifier: Apache-2.0
"""Stores, departments, brands, products with codes and prices."""

from alembic import op

from migrations.tables import (
    CREATED_AT,
    KEY,
    MODIFIED_AT,
    check,
    column,
    create_table,
    drop_tables,
    index,
    no_overlap,
    references,
    unique,
)

revision = "poser_0002"
down_revision = "poser_0001"
branch_labels = None
depends_on = None
# pre: before the new code, and the previous release still runs on it; post: after it.
phase = "pre"


def upgrade() -> None:
    """Create the tables."""
    op.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    op.execute("CREATE EXTENSION IF NOT EXISTS btree_gist")
    _create_stores()
    _create_departments()
    _create_brands()
    _create_products()
    _create_product_codes()
    _create_product_prices()


def downgrade() -> None:
    """Drop them with everything in them."""
    drop_tables("product_prices", "product_codes", "products", "brands", "departments", "stores")


def _create_stores() -> None:
    create_table(
        "stores",
        "Shops of the retailer.",
        KEY,
        column(
            "number",
            "text NOT NULL",
            "Number on tills and paper, such as 9 or 0012; leading zeros count.",
        ),
        column("name", "text NOT NULL", "What people call the store."),
        column(
            "node",
            "text DEFAULT '' NOT NULL",
            "Name of the store's own node in the inventory; empty without one.",
        ),
        column(
            "time_zone",
            "text DEFAULT '' NOT NULL",
            "IANA time zone, such as America/Chicago; empty: the node's.",
        ),
        column(
            "currency",
            "text DEFAULT '' NOT NULL",
            "ISO 4217 code; empty means the retailer's own currency.",
        ),
        column("opened_on", "date", "First day of business."),
        column(
            "is_archived", "boolean DEFAULT false NOT NULL", "Closed for good; kept for what was."
        ),
        CREATED_AT,
        MODIFIED_AT,
        check(
            "currency",
            "currency ~ '^([A-Z]{3})?$'",
            "A currency is three capital letters of ISO 4217, such as USD; not {currency}.",
        ),
        check(
            "number",
            "number <> '' AND number = btrim(number)",
            "The number may not be empty or have blanks around it.",
        ),
        unique("number"),
    )


def _create_departments() -> None:
    create_table(
        "departments",
        "Groups that products are sorted into, as tills know them.",
        KEY,
        column(
            "number", "text NOT NULL", "Number on tills and paper, such as 12; leading zeros count."
        ),
        column("name", "text NOT NULL", "What people call the department."),
        column("has_products", "boolean DEFAULT true NOT NULL", "Sells goods."),
        column("has_staff", "boolean DEFAULT false NOT NULL", "People work in it."),
        column(
            "is_exempt_from_gross_sales",
            "boolean DEFAULT false NOT NULL",
            "Its sales do not count as gross sales, as those of gift cards.",
        ),
        column(
            "allows_product_deletion",
            "boolean DEFAULT true NOT NULL",
            "Its products may be deleted.",
        ),
        column(
            "is_food_stampable",
            "boolean DEFAULT false NOT NULL",
            "New products in it may be paid with food stamps.",
        ),
        column(
            "order_discount_percent", "numeric(8, 5)", "Usual discount on customer orders, percent."
        ),
        column(
            "is_archived", "boolean DEFAULT false NOT NULL", "No longer used; kept for what was."
        ),
        CREATED_AT,
        MODIFIED_AT,
        check("name", "name <> ''", "The name of a department may not be empty."),
        check(
            "number",
            "number <> '' AND number = btrim(number)",
            "The number may not be empty or have blanks around it.",
        ),
        check(
            "order_discount",
            "order_discount_percent BETWEEN 0 AND 100",
            "A discount is between 0 and 100 percent; not {order_discount_percent}.",
        ),
        unique("id, name", deferrable=False),
        unique("number"),
    )


def _create_brands() -> None:
    create_table(
        "brands",
        "Names that makers sell goods under.",
        KEY,
        column("name", "text NOT NULL", "The brand as printed on goods."),
        column(
            "is_confirmed",
            "boolean DEFAULT false NOT NULL",
            "Somebody has looked at it; one that an import brought may be a misspelling.",
        ),
        CREATED_AT,
        MODIFIED_AT,
        check("name", "name <> ''", "The name of a brand may not be empty."),
        unique("id, name", deferrable=False),
        unique("name"),
    )


def _create_products() -> None:
    create_table(
        "products",
        "Everything that can be sold.",
        KEY,
        column(
            "gtin",
            "bigint",
            "Global Trade Item Number as a number of up to 14 digits with its check digit;"
            " store-made numbers (restricted circulation) included.",
        ),
        column("plu", "integer", "Price look-up code keyed for loose goods, 1 to 5 digits."),
        column(
            "item_number", "text", "The retailer's own number for it, as another system calls it."
        ),
        column("description", "text NOT NULL", "What the product is, as on shelf and till."),
        column(
            "description_2",
            "text DEFAULT '' NOT NULL",
            "Second line of the description; may be empty.",
        ),
        column(
            "kind",
            "text DEFAULT 'goods' NOT NULL",
            "What is sold: goods, service, gift_card, deposit or donation.",
        ),
        column("brand_id", "uuid", "The product's brand."),
        column(
            "brand_name",
            "text DEFAULT '' NOT NULL",
            "Copy of the brand's name, kept right by the foreign key; empty without one.",
        ),
        column("department_id", "uuid", "Where the product belongs."),
        column(
            "department_name",
            "text DEFAULT '' NOT NULL",
            "Copy of the department's name, kept right by the foreign key; empty without.",
        ),
        column("size", "text DEFAULT '' NOT NULL", "Size as printed, such as 12 oz; may be empty."),
        column("is_weighed", "boolean DEFAULT false NOT NULL", "Sold by weight at the till."),
        column(
            "average_weight",
            "numeric(14, 4)",
            "Usual weight of one piece, in the unit of price_unit_id.",
        ),
        column("single_id", "uuid", "The single product that this one is a pack of."),
        column("pack_size", "numeric(14, 4)", "How many of the single product are in this pack."),
        column(
            "is_default_pack",
            "boolean DEFAULT false NOT NULL",
            "The pack that the single product is usually sold in.",
        ),
        column("case_size", "numeric(14, 4)", "How many of it are usually in a case."),
        column("is_organic", "boolean DEFAULT false NOT NULL", "Certified organic."),
        column("is_kosher", "boolean DEFAULT false NOT NULL", "Certified kosher."),
        column("is_halal", "boolean DEFAULT false NOT NULL", "Certified halal."),
        column("is_vegan", "boolean DEFAULT false NOT NULL", "Nothing of animals in it."),
        column("is_vegetarian", "boolean DEFAULT false NOT NULL", "No meat or fish in it."),
        column("is_gluten_free", "boolean DEFAULT false NOT NULL", "Free of gluten."),
        column("is_sugar_free", "boolean DEFAULT false NOT NULL", "Free of sugar."),
        column("ingredients", "text DEFAULT '' NOT NULL", "Ingredients as on the label."),
        column("allergens", "text DEFAULT '' NOT NULL", "Allergens as on the label."),
        column(
            "origin_country",
            "text DEFAULT '' NOT NULL",
            "Country of origin, ISO 3166-1 alpha-2; may be empty.",
        ),
        column(
            "is_food_stampable",
            "boolean DEFAULT false NOT NULL",
            "May be paid with food stamps (SNAP, EBT).",
        ),
        column(
            "is_discountable",
            "boolean DEFAULT true NOT NULL",
            "Discounts on everything are for it too.",
        ),
        column(
            "is_price_required", "boolean DEFAULT false NOT NULL", "The till asks for its price."
        ),
        column("minimum_age", "smallint", "Age in years from which it may be sold to somebody."),
        column("is_discontinued", "boolean DEFAULT false NOT NULL", "No longer bought for sale."),
        column(
            "is_not_for_sale",
            "boolean DEFAULT false NOT NULL",
            "Not sold to customers, such as supplies.",
        ),
        column(
            "is_special_order",
            "boolean DEFAULT false NOT NULL",
            "Only got for a customer who ordered it.",
        ),
        column(
            "is_deleted",
            "boolean DEFAULT false NOT NULL",
            "Gone for people; kept, with its codes, for what refers to it.",
        ),
        column("last_sold_on", "date", "Business date it was last sold on."),
        column("notes", "text DEFAULT '' NOT NULL", "What somebody wrote about it."),
        column(
            "search",
            "text GENERATED ALWAYS AS (lower(brand_name || ' ' || description || ' ' || size"
            " || ' ' || coalesce(lpad(gtin::text, 14, '0'), '') || ' ' || coalesce(plu::text,"
            " ''))) STORED NOT NULL",
            "Lower-case text that the products grid searches; generated.",
        ),
        CREATED_AT,
        MODIFIED_AT,
        check(
            "average_weight", "average_weight > 0", "A weight is above zero; not {average_weight}."
        ),
        check(
            "brand",
            "(brand_id IS NULL) = (brand_name = '')",
            "A product has both its brand and the brand's name ({brand_name}), or neither.",
        ),
        check("case_size", "case_size > 0", "A case holds more than nothing; not {case_size}."),
        check(
            "department",
            "(department_id IS NULL) = (department_name = '')",
            "A product has both its department and the department's name ({department_name}),"
            " or neither.",
        ),
        check(
            "gtin", "gtin BETWEEN 1 AND 99999999999999", "A barcode has 1 to 14 digits; not {gtin}."
        ),
        check(
            "gtin_check_digit",
            "(3 * (gtin / 10 % 10 + gtin / 1000 % 10 + gtin / 100000 % 10 + gtin / 10000000 %"
            " 10 + gtin / 1000000000 % 10 + gtin / 100000000000 % 10 + gtin / 10000000000000"
            " % 10) + gtin / 1 % 10 + gtin / 100 % 10 + gtin / 10000 % 10 + gtin / 1000000 %"
            " 10 + gtin / 100000000 % 10 + gtin / 10000000000 % 10 + gtin / 1000000000000 %"
            " 10) % 10 = 0",
            "The last digit of the barcode {gtin} does not fit the others: scan it again, or"
            " compare it with the printed number.",
        ),
        check(
            "item_number",
            "item_number <> '' AND item_number = btrim(item_number)",
            "The item number may not be empty or have blanks around it.",
        ),
        check(
            "kind",
            "kind IN ('goods', 'service', 'gift_card', 'deposit', 'donation')",
            "Kind is goods, service, gift_card, deposit, donation; not {kind}.",
        ),
        check("minimum_age", "minimum_age BETWEEN 1 AND 99", "An age is from 1 to 99 years."),
        check(
            "origin_country",
            "origin_country ~ '^([A-Z]{2})?$'",
            "A country is two capital letters of ISO 3166, such as US or DE; not {origin_country}.",
        ),
        check(
            "pack",
            "(single_id IS NULL) = (pack_size IS NULL) AND single_id <> id AND pack_size > 0",
            "A pack has the product it is a pack of, another one, and how many are in it.",
        ),
        check("plu", "plu BETWEEN 1 AND 99999", "A PLU has 1 to 5 digits; not {plu}."),
        unique("gtin"),
        unique("item_number"),
        unique("plu"),
        references("brand_id, brand_name", "brands (id, name)", "ON UPDATE CASCADE"),
        references("department_id, department_name", "departments (id, name)", "ON UPDATE CASCADE"),
        references("single_id", "products (id)"),
        index("brand_id, brand_name"),
        index("brand_name, id"),
        index("department_id, department_name"),
        index("department_name, id"),
        index("description, id"),
        index("coalesce(gtin, 0), id", name="gtin_id"),
        index("modified_at, id"),
        index("search gin_trgm_ops", name="search", using="gin"),
        index("single_id"),
    )


def _create_product_codes() -> None:
    create_table(
        "product_codes",
        "Codes beside the GTIN and PLU that products answer to.",
        KEY,
        column("product_id", "uuid NOT NULL", "The product that the code finds."),
        column(
            "code", "text NOT NULL", "The code as written; a GTIN is written with its 14 digits."
        ),
        column(
            "kind", "text DEFAULT 'other' NOT NULL", "gtin (its check digit is enforced) or other."
        ),
        column("ordinal", "smallint DEFAULT 1 NOT NULL", "Order to show; 1 is first."),
        CREATED_AT,
        check(
            "code",
            "code <> '' AND code = btrim(code)",
            "The code may not be empty or have blanks around it.",
        ),
        check(
            "gtin_check_digit",
            "CASE WHEN kind = 'gtin' THEN CASE WHEN code ~ '^[0-9]{14}$' THEN (3 *"
            " (code::bigint / 10 % 10 + code::bigint / 1000 % 10 + code::bigint / 100000 % 10"
            " + code::bigint / 10000000 % 10 + code::bigint / 1000000000 % 10 + code::bigint"
            " / 100000000000 % 10 + code::bigint / 10000000000000 % 10) + code::bigint / 1 %"
            " 10 + code::bigint / 100 % 10 + code::bigint / 10000 % 10 + code::bigint /"
            " 1000000 % 10 + code::bigint / 100000000 % 10 + code::bigint / 10000000000 % 10"
            " + code::bigint / 1000000000000 % 10) % 10 = 0 ELSE false END ELSE true END",
            "A barcode has 14 digits here, and the last one of {code} must fit the others.",
        ),
        check("kind", "kind IN ('gtin', 'other')", "Kind is gtin, other; not {kind}."),
        unique("code"),
        references("product_id", "products (id)", "ON DELETE CASCADE"),
        index("product_id"),
    )


def _create_product_prices() -> None:
    create_table(
        "product_prices",
        "Selling prices, each for a range of time.",
        KEY,
        column("product_id", "uuid NOT NULL", "The product that is priced."),
        column("store_id", "uuid", "The store the price holds in; empty means all stores."),
        column(
            "kind",
            "text NOT NULL",
            "regular, promotion, member, temporary, clearance or suggested (by the maker).",
        ),
        column(
            "price",
            "numeric(12, 3) NOT NULL",
            "What is paid for as many as multiple says, units or weight, in the currency.",
        ),
        column(
            "multiple",
            "smallint DEFAULT 1 NOT NULL",
            "How many units that much is paid for, as in 3 for 5.00; usually 1.",
        ),
        column(
            "valid",
            "tstzrange NOT NULL",
            "When the price holds: from inclusive, to exclusive or open.",
        ),
        CREATED_AT,
        MODIFIED_AT,
        check(
            "kind",
            "kind IN ('regular', 'promotion', 'member', 'temporary', 'clearance', 'suggested')",
            "Kind is regular, promotion, member, temporary, clearance, suggested; not {kind}.",
        ),
        check("multiple", "multiple > 0", "A price is for one unit or more; not {multiple}."),
        check("price", "price >= 0", "A price cannot be negative; not {price}."),
        check("valid", "NOT isempty(valid)", "The time a price holds must end after it begins."),
        references("product_id", "products (id)", "ON DELETE CASCADE"),
        references("store_id", "stores (id)"),
        no_overlap(
            "product_id WITH =, coalesce(store_id,"
            " '00000000-0000-0000-0000-000000000000'::uuid) WITH =, kind WITH =, valid WITH"
            " &&",
            "{product_id} has another {kind} price between {valid.from} and {valid.to}: one"
            " that holds from {other.from} to {other.to}.",
        ),
        index("product_id"),
        index("store_id"),
    )
