# SPDX-License-Identifier: Apache-2.0
"""What stores have now, what came and went, and the reasons people give for adjusting it."""

from poser.model import AdjustmentReason, StockLevel, StockMovement
from web.grid.subject import Column, Kind, Order
from web.resources import Area, Related, Resource, Section, Verb
from web.resources.parts import (
    READ_ONLY,
    changed_with_costs,
    read_only,
    seen_with_costs,
    table_of,
)

_LEVELS = table_of(StockLevel).c
_MOVEMENTS = table_of(StockMovement).c

STOCK = Resource(
    model=StockLevel,
    path="/stock",
    title="Stock",
    one="stock level",
    many="stock levels",
    icon="boxes",
    area=Area.STOCK,
    rank=10,
    about="What each store has now. It is the sum of all movements and is never typed in.",
    empty="It fills by itself when goods are received, counted or sold.",
    label="product_id",
    order="moved_at",
    store="store_id",
    can=READ_ONLY,
    columns=(
        "product_id",
        "store_id",
        "on_hand",
        Column(
            name="moved_at",
            label="Last moved",
            value=_LEVELS.moved_at,
            kind=Kind.DAY,
            order=Order(by=_LEVELS.id, best_first=True),
        ),
    ),
)

RESOURCES = (
    STOCK,
    Resource(
        model=StockMovement,
        path="/stock-movements",
        title="Stock movements",
        one="movement",
        many="movements",
        icon="arrow-left-right",
        area=Area.STOCK,
        rank=11,
        about="What came into stores and left them. Nothing here is changed: a mistake is"
        " reversed by another movement.",
        empty="Add one here, or receive a purchase.",
        label="product_id",
        order="at",
        store="store_id",
        can=frozenset({Verb.VIEW, Verb.CREATE, Verb.EXPORT}),
        guarded=seen_with_costs(StockMovement),
        guarded_edit=changed_with_costs(StockMovement),
        columns=(
            Column(
                name="at",
                label="Time",
                value=_MOVEMENTS.at,
                kind=Kind.TIME,
                order=Order(by=_MOVEMENTS.id, best_first=True),
            ),
            "product_id",
            "store_id",
            "kind",
            "quantity",
            "reason_id",
            "document",
            "note",
        ),
        columns_more=("unit_cost", "user_id", "system"),
        sections=(
            Section(
                title="Movement",
                fields=("product_id", "store_id", "at", "kind", "quantity", "unit_cost"),
            ),
            Section(title="Why", fields=("reason_id", "document", "note", "reverses_id")),
            Section(title="Who", fields=("user_id", "system", "system_key")),
        ),
        fields=read_only(StockMovement, "user_id", "system", "system_key"),
    ),
    Resource(
        model=AdjustmentReason,
        path="/adjustment-reasons",
        title="Reasons for adjusting",
        one="reason",
        many="reasons",
        icon="list-checks",
        area=Area.STOCK,
        rank=30,
        about="The reasons that people choose from when they adjust stock by hand.",
        empty="Add reasons such as damaged, stolen or given away.",
        label="description",
        order="code",
        is_small=True,
        search="code description",
        search_hint="Code or description",
        columns=("code", "description", "is_hidden"),
        related=(Related(table="stock_movements", by="reason_id"),),
    ),
)
