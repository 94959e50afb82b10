# SPDX-License-Identifier: Apache-2.0
"""Engines as long-running programs use them; nothing here connects."""

from sqlalchemy import Column, Integer, MetaData, Table, select

from poser.db import engine

MOST_KINDS = 300


def test_statements_of_ever_new_kinds_do_not_fill_the_memory() -> None:
    columns = [Column(f"c{n}", Integer) for n in range(10)]
    table = Table("things", MetaData(), *columns)
    connected = engine("postgresql+psycopg2://nobody@/nowhere")
    cache = connected._compiled_cache
    assert cache is not None
    for kind in range(1, 1000):
        chosen = [column for n, column in enumerate(table.c) if kind >> n & 1]
        select(*chosen)._compile_w_cache(connected.dialect, compiled_cache=cache, column_keys=[])
        assert len(cache) <= MOST_KINDS
    assert len(cache) > MOST_KINDS / 2, "those that come often are kept"
