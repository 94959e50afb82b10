# SPDX-License-Identifier: Apache-2.0
"""A change that shuts us out is undone by the machine itself."""

from concurrent.futures import Future

import pytest

from roles.firewall import ruleset
from roles.ports import Port
from tests.support.shop import Shop
from tests.support.shut_out import NOBODY, ShutOut

pytestmark = pytest.mark.lab


@pytest.fixture
def story(shut_out: Future[ShutOut]) -> ShutOut:
    return shut_out.result()


def test_a_machine_has_its_firewall_from_boot_on(story: ShutOut) -> None:
    assert "policy drop;" in story.rules_after_boot


def test_a_firewall_that_shuts_us_out_is_an_error_that_names_the_machine(story: ShutOut) -> None:
    assert story.machine in story.error.message
    assert story.error.hint


def test_a_firewall_that_shuts_us_out_is_put_back(story: ShutOut) -> None:
    assert 5 < story.answered_after_s < 180, "it was never shut, or for too long"
    assert NOBODY not in story.rules_put_back
    assert "policy drop;" in story.rules_put_back


def test_after_that_the_next_run_goes_on_as_usual(story: ShutOut) -> None:
    assert story.changed_by_second_run == 0


@pytest.mark.parametrize("open_to", ["any", "10.1.0.0/16", "fd00::/8", "10.1.0.0/16, fd00::/8"])
def test_nft_likes_the_rules_for_any_kind_of_networks(shop: Shop, built: str, open_to: str) -> None:
    assert built
    ports = [Port(22, serves="ssh", open_to=open_to), Port(443, serves="web", open_to=open_to)]
    shop.run("store-1", f"nft --check --file - <<'END'\n{ruleset(ports)}\nEND")
