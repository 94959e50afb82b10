# SPDX-License-Identifier: Apache-2.0
"""Machines at the three stages that the tests begin from, each built once.

BUILT is a whole store, made in one go. PACKAGED has its packages and nothing else; it was cut off
twice on the way there, once by taking its power while packages were installed.
"""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from tests.support.cuts import Cut, CutOff, Stages
from tests.support.shop import Shop, open_shop
from tests.support.shut_out import ShutOut
from tests.support.shut_out import shut_out as begin_to_shut_out

BUILT, PACKAGED = "built", "packaged"
PACKAGES = "packages "


@pytest.fixture(scope="session")
def shop() -> Iterator[Shop]:
    """Return a shop without machines."""
    with open_shop() as shop:
        yield shop


@pytest.fixture(scope="session")
def stages(shop: Shop) -> Stages:
    """Build a store in one go and, beside it, one that is cut off during and after packages."""
    with ThreadPoolExecutor() as pool:
        whole = pool.submit(shop.provision, "store-1")
        halved = pool.submit(_half, shop, "store-2")
        return Stages(report=whole.result(), cuts=halved.result())


@pytest.fixture(scope="session")
def built(shop: Shop, stages: Stages) -> str:
    """Return the name of a snapshot of a whole store."""
    assert stages.report.verified
    shop.lab.snapshot("store-1", BUILT)
    shop.lab.up(["store-1"])
    return BUILT


@pytest.fixture(scope="session")
def packaged(shop: Shop, stages: Stages) -> str:
    """Return the name of a snapshot of a machine that has its packages and nothing else."""
    assert stages.cuts
    shop.lab.snapshot("store-2", PACKAGED)
    return PACKAGED


@pytest.fixture(scope="session")
def shut_out(shop: Shop, built: str) -> Iterator[Future[ShutOut]]:
    """Begin to shut ourselves out of a machine; what comes of it takes two minutes."""
    with ThreadPoolExecutor() as pool:
        yield pool.submit(begin_to_shut_out, shop, built)


def _half(shop: Shop, name: str) -> tuple[Cut, ...]:
    """Take the power in the middle of the packages, then break the line right behind them."""
    in_packages = Cut(shop=shop, name=name, how="power", at_key=PACKAGES, after_s=12.0)
    behind_them = Cut(shop=shop, name=name, how="line", behind_key=PACKAGES)
    for cut in (in_packages, behind_them):
        with pytest.raises(CutOff):
            cut.provision()
    return in_packages, behind_them
