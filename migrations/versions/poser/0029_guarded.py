# SPDX-License-Identifier: Apache-2.0
"""What goods cost is not changed by work of somebody who may not change it."""

from alembic import op

revision = "poser_0029"
down_revision = "poser_0028"
branch_labels = None
depends_on = None
# pre: before the new code, and the previous release still runs on it; post: after it.
phase = "pre"

PERMISSION = "costs.edit"
COLUMNS = {
    "customer_order_items": ("unit_cost",),
    "pending_products": ("unit_cost",),
    "purchase_credits": ("unit_cost", "total"),
    "purchase_items": (
        "catalog_unit_cost",
        "order_unit_cost",
        "order_case_cost",
        "order_total",
        "invoice_unit_cost",
        "invoice_case_cost",
        "invoice_total",
    ),
    "purchases": ("order_total", "invoice_total"),
    "stock_movements": ("unit_cost",),
    "vendor_costs": ("unit_cost", "case_cost", "discount_percent"),
}
_NAME = "stay_without_permission"
# The permission is the first argument, the columns that ask for it are the others.
_FUNCTION = """
CREATE FUNCTION stay_without_permission() RETURNS trigger LANGUAGE plpgsql
SET search_path FROM CURRENT AS $$
DECLARE
    is_new constant boolean := TG_OP = 'INSERT';
    told constant jsonb := to_jsonb(NEW);
    was constant jsonb := CASE WHEN is_new THEN '{}' ELSE to_jsonb(OLD) END;
    place int;
    one text;
BEGIN
    IF TG_ARGV[0] <> ALL (string_to_array(current_setting('poser.lacks', true), ',')) THEN
        RETURN NEW;
    END IF;
    FOR place IN 1 .. TG_NARGS - 1 LOOP
        one := TG_ARGV[place];
        IF coalesce(told -> one, 'null') <> coalesce(was -> one, 'null') THEN
            RAISE EXCEPTION USING ERRCODE = 'PR001', TABLE = TG_TABLE_NAME, COLUMN = one,
                MESSAGE = format('%s of %s may be changed only with the permission %s',
                    replace(one, '_', ' '), replace(TG_TABLE_NAME, '_', ' '), TG_ARGV[0]);
        END IF;
    END LOOP;
    RETURN NEW;
END $$
"""
_COMMENT = """
COMMENT ON FUNCTION stay_without_permission() IS
    'Refuses to change columns in work that was started without the permission they ask for.'
"""


def upgrade() -> None:
    """Watch the columns; for everybody else a row costs one look at a setting."""
    op.execute(_FUNCTION)
    op.execute(_COMMENT)
    for table, columns in COLUMNS.items():
        words = ", ".join(f"'{each}'" for each in (PERMISSION, *columns))
        op.execute(
            f"CREATE TRIGGER {_NAME} BEFORE INSERT OR UPDATE ON {table} FOR EACH ROW"
            " WHEN (current_setting('poser.lacks', true) <> '')"
            f" EXECUTE FUNCTION {_NAME}({words})"
        )


def downgrade() -> None:
    """Watch none of them."""
    for table in COLUMNS:
        op.execute(f"DROP TRIGGER {_NAME} ON {table}")
    op.execute(f"DROP FUNCTION {_NAME}()")
