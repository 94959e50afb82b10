# SPDX-License-Identifier: Apache-2.0
"""Batches of brands, made and frozen."""

import pytest
from sqlalchemy import Engine

from poser.batch.moving import complete, held, make
from poser.batch.populating import populate
from poser.db import transaction
from tests.support.batches import Made, NewBrands, acting


@pytest.fixture
def brands() -> NewBrands:
    """Give the type of batch."""
    return NewBrands()


@pytest.fixture
def made(poser_db: Engine, brands: NewBrands) -> Made:
    """Give a function that makes a batch of these names and freezes it; anna does it."""

    def make_one(*names: str, complete_it: bool = True) -> int:
        with acting("anna"):
            with transaction(poser_db) as session:
                number = make(session, brands, params={"names": names}).number
            populate(poser_db, brands, number)
            if complete_it:
                with transaction(poser_db) as session:
                    complete(session, brands, held(session, number))
        return number

    return make_one
