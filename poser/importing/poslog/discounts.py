# SPDX-License-Identifier: Apache-2.0
"""Reading discounts and loyalty rewards that stand beside the lines."""

from poser.importing.poslog.fields import MONEY, flag, number, required_number, text
from poser.importing.poslog.receipt import Receipt
from poser.importing.poslog.records import Discount
from poser.importing.poslog.xml import Element


def read_discount(item: Element, discount: Element, receipt: Receipt) -> None:
    """Read a discount on the whole; taking one back adds it again."""
    amount = abs(required_number(discount, "Amount", places=MONEY))
    is_void = flag(item, "VoidFlag")
    receipt.discounts.append(
        Discount(
            sequence=receipt.next(),
            line_sequence=None,
            promotion=text(discount, "PromotionID", "PriceDerivationRule/PriceDerivationRuleID"),
            kind=text(discount, "ReasonCode") or "Discount",
            level="transaction",
            department_number="",
            description=text(discount, "Description"),
            amount=amount if is_void else -amount,
            is_void=is_void,
        )
    )


def read_reward(item: Element, reward: Element, receipt: Receipt) -> None:
    """Read a loyalty reward that is money; messages and offers without money are left out.

    NCR writes a reward on the whole twice: as a summary, and shared out over the lines
    as details. The details are kept, because they say which line.
    """
    category = text(reward, "acs:RewardCategory")
    is_summary = flag(reward, "acs:summarizedActivity") and not flag(reward, "acs:detailedData")
    amount = number(reward, "acs:ExtendedRewardAmount", "Amount", places=MONEY)
    if not amount or is_summary or category not in {"", "Monetary"}:
        return
    line = receipt.line_of_operator_sequence.get(text(reward, "acs:OperatorSequenceReference"))
    receipt.discounts.append(
        Discount(
            sequence=receipt.next(),
            line_sequence=line,
            promotion=text(reward, "PromotionID"),
            kind=text(reward, "acs:RewardType") or "LoyaltyReward",
            level=text(reward, "acs:RewardLevel").lower(),
            department_number=receipt.department_of(line),
            description=text(reward, "Description"),
            amount=amount,
            is_void=flag(item, "VoidFlag"),
        )
    )


def read_membership(membership: Element, receipt: Receipt) -> None:
    """Read the customer's number off a loyalty card; zeros in front are padding."""
    number_on_card = text(membership, "acs:LoyaltyID", "LoyaltyID", "CustomerID").lstrip("0")
    receipt.customer = receipt.customer or number_on_card
