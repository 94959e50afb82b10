# SPDX-License-Identifier: Apache-2.0
"""`poser db revision`: what it drafts makes the schema that the models say, and takes it back."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.extended import COOP, ExtendedNode, write_extension

pytestmark = pytest.mark.postgresql

MakeNode = Callable[..., ExtendedNode]
FIRST = '''
# SPDX-License-Identifier: Apache-2.0
"""Cards."""

from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy import Computed
from sqlalchemy.dialects.postgresql import DATERANGE, Range
from sqlalchemy.orm import Mapped, mapped_column

from poser.db.base import CreatedAt, Id, Model, ModifiedAt
from poser.model.columns import AMOUNT, MINE_ALONE, check, filled, flag, no_overlap, reference
from poser.model.columns import unique, words


class Card(Model):
    """A card."""

    __tablename__ = "cards_cards"
    __table_args__ = (
        unique("number"),
        filled("number"),
        check("points", "points >= 0", "It's never less than nothing, {points}."),
        no_overlap(
            "ex_cards_cards_no_overlap", "product_id", sentence="One at a time: {valid}."
        ),
        {"comment": "Cards that customers collect points on; they're \\"cards\\"."},
    )

    id: Mapped[Id]
    product_id: Mapped[UUID] = reference("products.id", "What it is for.", ondelete="CASCADE")
    number: Mapped[str] = mapped_column(comment="Its number.")
    points: Mapped[int] = mapped_column(server_default="0", comment="How many.")
    double: Mapped[int] = mapped_column(Computed("points * 2"), comment="Twice as many.")
    value: Mapped[Decimal | None] = mapped_column(AMOUNT, comment="In money.")
    valid: Mapped[Range[date]] = mapped_column(DATERANGE, comment="When.")
    pin: Mapped[str] = mapped_column(info={"history": "secret"}, comment="Secret.")
    is_lost: Mapped[bool] = flag("Is gone.")
    note: Mapped[str] = words("Anything.")
    created_at: Mapped[CreatedAt]
    modified_at: Mapped[ModifiedAt]


class Swipe(Model):
    """One use."""

    __tablename__ = "cards_swipes"
    __table_args__ = ({"comment": "Uses.", "info": MINE_ALONE},)

    id: Mapped[Id]
    card_id: Mapped[UUID] = reference("cards_cards.id", "Which.")
'''
SECOND = (
    FIRST.replace("A card.", "A loyalty card.")
    .replace('comment="Its number."', 'comment="Number on it."')
    .replace("points >= 0", "points BETWEEN 0 AND 99")
    .replace('server_default="0", comment="How many."', 'server_default="7", comment="How many."')
    .replace("value: Mapped[Decimal | None]", "value: Mapped[Decimal]")
    .replace('    note: Mapped[str] = words("Anything.")\n', "")
    .replace(
        "    is_lost",
        '    owner_id: Mapped[UUID | None] = reference("people.id", "Who has it.")\n    is_lost',
    )
)


def differences(node: ExtendedNode) -> list[str]:
    done = node.poser("db check poser --json")
    found: list[str] = json.loads(done.out)["poser"]
    return found


def test_an_extension_is_a_class_and_a_drafted_migration(
    make_node: MakeNode, tmp_path: Path
) -> None:
    source = tmp_path / "source"
    write_extension(source, "poser_cards", {"model/cards.py": FIRST})
    node = make_node(source, extensions="poser_cards")
    assert "poser_cards has tables, but no revisions" in node.poser("db upgrade").err

    done = node.poser("db revision Cards --database cards")
    assert done.code == 0, done.err
    first = source / "poser_cards" / "migrations" / "0001_cards.py"
    assert done.out == f"drafted {first}\n"
    text = first.read_text(encoding="utf-8")
    assert 'revision = "cards_0001"' in text
    assert 'record("cards_cards", secret=("pin",))' in text
    assert 'record("cards_swipes"' not in text
    assert 'phase = "pre"' in text
    ran = node.poser("db upgrade poser")
    assert ran.out == "poser: ran cards_0001\n", ran.err
    assert differences(node) == []
    assert "nothing differs" in node.poser("db revision More --database cards").out

    write_extension(source, "poser_cards", {"model/cards.py": SECOND})
    assert len(differences(node)) > 6
    done = node.poser("db revision Owners --database cards")
    text = (first.parent / "0002_owners.py").read_text(encoding="utf-8")
    assert 'down_revision = "cards_0001"' in text
    assert 'phase = "post"' in text, "a column goes away"
    assert node.poser("db upgrade poser").out == "poser: ran cards_0002\n"
    assert differences(node) == []

    assert node.poser("db downgrade cards --to cards_0001 --yes").code == 0
    write_extension(source, "poser_cards", {"model/cards.py": FIRST})
    assert (first.parent / "0002_owners.py").rename(tmp_path / "0002").exists()
    assert differences(node) == []
    assert node.poser("db downgrade cards --to base --yes").code == 0
    node.name_none()
    assert differences(node) == []


def test_a_draft_of_the_core_leaves_extensions_out(make_node: MakeNode) -> None:
    node = make_node(COOP, extensions="poser_coop")
    behind = node.poser("db revision Nothing")
    assert "coop is empty in this database" in behind.err
    assert node.poser("db upgrade").code == 0
    assert node.poser("db revision Nothing").out == (
        "poser: nothing differs; no draft was written\n"
    )
    assert node.poser("db revision Nothing --database coop").out.startswith("coop: nothing")
    unknown = node.poser("db revision Nothing --database tills")
    assert "error: there is no database or extension 'tills'" in unknown.err
