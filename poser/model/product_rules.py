# SPDX-License-Identifier: Apache-2.0
"""What a product must keep to, each rule with the sentence that people read."""

from enum import StrEnum

from poser.model.columns import check, filled, has_check_digit, is_country, one_of, unique


class ProductKind(StrEnum):
    """What is sold."""

    GOODS = "goods"
    SERVICE = "service"
    GIFT_CARD = "gift_card"
    DEPOSIT = "deposit"
    DONATION = "donation"


KEYS = (unique("gtin"), unique("plu"), unique("item_number"))
"""What tells products apart, beside their id."""

RULES = (
    check("gtin", "gtin BETWEEN 1 AND 99999999999999", "A barcode has 1 to 14 digits; not {gtin}."),
    check(
        "gtin_check_digit",
        has_check_digit("gtin"),
        "The last digit of the barcode {gtin} does not fit the others:"
        " scan it again, or compare it with the printed number.",
    ),
    check("plu", "plu BETWEEN 1 AND 99999", "A PLU has 1 to 5 digits; not {plu}."),
    filled("item_number"),
    one_of("kind", ProductKind),
    check(
        "brand",
        "(brand_id IS NULL) = (brand_name = '')",
        "A product has both its brand and the brand's name ({brand_name}), or neither.",
    ),
    check(
        "department",
        "(department_id IS NULL) = (department_name = '')",
        "A product has both its department and the department's name ({department_name}),"
        " or neither.",
    ),
    check(
        "unit_size",
        "(unit_size IS NULL) = (unit_id IS NULL) AND unit_size > 0",
        "A size is a number above zero with its unit; not {unit_size} {unit_id}.",
    ),
    check("average_weight", "average_weight > 0", "A weight is above zero; not {average_weight}."),
    check(
        "pack",
        "(single_id IS NULL) = (pack_size IS NULL) AND single_id <> id AND pack_size > 0",
        "A pack has the product it is a pack of, another one, and how many are in it.",
    ),
    check("case_size", "case_size > 0", "A case holds more than nothing; not {case_size}."),
    is_country("origin_country"),
    check("minimum_age", "minimum_age BETWEEN 1 AND 99", "An age is from 1 to 99 years."),
)
"""What one product keeps to by itself."""
