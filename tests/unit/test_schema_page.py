# SPDX-License-Identifier: Apache-2.0
"""docs/schema.md says what the models say, and its diagrams can be drawn."""

import re
from pathlib import Path

from poser.db.base import Model, mappers
from poser.model import load
from poser.model.describe import page

PAGE = Path(__file__).parents[2] / "docs/schema.md"
DIAGRAM = re.compile(r"```mermaid\nerDiagram\n(.*?)```", re.DOTALL)
ENTITY = re.compile(r"^    \w+ \{$")
KEY = re.compile(r"^        [a-z0-9]+ \w+ (PK|FK|UK)$")
EDGE = re.compile(r'^    (\w+) (\|\||\|o)--(o\{|o\|) (\w+) : "\w+"$')


def test_the_page_is_up_to_date() -> None:
    assert PAGE.read_text() == page(), "write it again: python -m poser.model.describe"


def test_every_table_is_on_the_page_once() -> None:
    load()
    ours = {
        mapper.local_table.name  # type: ignore[attr-defined]
        for mapper in mappers()
        if mapper.class_.__module__.startswith("poser.model.")
    }
    headings = re.findall(r"^### `(\w+)`$", PAGE.read_text(), re.MULTILINE)
    assert sorted(headings) == sorted(ours)


def test_every_diagram_has_only_lines_that_mermaid_knows_and_is_of_readable_size() -> None:
    diagrams = DIAGRAM.findall(PAGE.read_text())
    assert len(diagrams) > 20
    for diagram in diagrams:
        lines = diagram.splitlines()
        edges = [found for line in lines if (found := EDGE.match(line))]
        odd = [
            x
            for x in lines
            if not (ENTITY.match(x) or KEY.match(x) or EDGE.match(x)) and x != "    }"
        ]
        assert odd == []
        assert len({name for edge in edges for name in (edge[1], edge[4])}) <= 16


def test_every_rule_has_a_sentence() -> None:
    load()
    silent = [
        f"{table.name}.{rule.name}"
        for table in Model.metadata.sorted_tables
        for rule in table.constraints
        if type(rule).__name__ in {"CheckConstraint", "ExcludeConstraint"} and not rule.comment
    ]
    assert silent == []
