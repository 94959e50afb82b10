# SPDX-License-Identifier: Apache-2.0
"""A run may be cut off at any moment; the next run converges, and nobody has to lend a hand."""

import os
import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Literal, NamedTuple

import pytest

from tests.support.cuts import Cut, CutOff, Stages
from tests.support.shop import Shop

pytestmark = pytest.mark.lab

# Another seed is another choice of moments: POSER_CUTS=7 tries others.
SEED = int(os.environ.get("POSER_CUTS", "1"))
ROUNDS = 10


class Moment(NamedTuple):
    """When and how a run is cut."""

    how: Literal["line", "power"]
    share: float
    wait_s: float

    def __str__(self) -> str:
        return f"{self.how} at {self.share:.0%}"


def moments() -> Iterator[Moment]:
    """Yield how to cut, after which share of the steps, and how many seconds into the step."""
    dice = random.Random(SEED)  # noqa: S311 - which moments is no secret
    for n in range(ROUNDS):
        # The shares are spread over the whole run; where in its tenth each falls is chance.
        share, wait_s = (n + dice.random()) / ROUNDS, dice.choice([0, 0.05, 0.4])
        yield Moment(how="power" if n % 2 else "line", share=share, wait_s=wait_s)


def test_power_lost_while_packages_are_installed_heals(stages: Stages) -> None:
    """The machine of PACKAGED came this far through two cuts, and was never helped."""
    during, behind = stages.cuts
    assert during.hit.partition(" ")[2].startswith("packages ")
    assert behind.hit


@pytest.mark.parametrize(
    "pair",
    list(zip(*[iter(moments())] * 2, strict=True)),
    ids=lambda pair: " and ".join(map(str, pair)),
)
@pytest.mark.usefixtures("shut_out")  # it waits for two minutes: meanwhile these run
def test_a_cut_at_any_moment_is_healed_by_the_next_run(
    shop: Shop, packaged: str, stages: Stages, pair: tuple[Moment, Moment]
) -> None:
    """Two machines at the same time, to wait for both at once: one line cut, one power lost."""
    # About as many steps are left as were when the machine of PACKAGED was cut off.
    left = stages.cuts[1].steps - int(stages.cuts[1].hit.partition("/")[0])
    with ThreadPoolExecutor() as pool:
        for healed in [pool.submit(cut_and_heal, shop, packaged, left, one) for one in pair]:
            healed.result()


def cut_and_heal(shop: Shop, packaged: str, left: int, moment: Moment) -> None:
    """Cut a run off at a moment, then expect the next one to make a whole store."""
    name = f"cut-{int(moment.share * 100)}"
    shop.clone(packaged, name)
    step = 1 + int(moment.share * (left - 1))
    cut = Cut(shop=shop, name=name, how=moment.how, at_step=step, after_s=moment.wait_s)
    with pytest.raises(CutOff):
        cut.provision()
    healed = shop.provision(name)
    assert healed.verified, cut.hit
    assert [str(failure) for failure in healed.verified.failures] == [], cut.hit
    assert shop.provision(name).converged.done["changed"] == 0, cut.hit
    shop.lab.power_off(name)
