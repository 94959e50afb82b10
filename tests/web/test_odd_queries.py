# SPDX-License-Identifier: Apache-2.0
"""Every list refuses filters that are too long and columns that it does not offer, in words."""

from tests.web.conftest import Browser, Shop


def test_a_filter_of_ten_thousand_characters_is_refused_everywhere(
    shop: Shop, ada: Browser
) -> None:
    for resource in shop.site.resources.values():
        for name in ("q", f"{resource.label}.contains", "sort", "cols", "after", "view"):
            answer = ada.get(f"{resource.path}?{name}={'x' * 10_000}")
            assert answer.status_code in {200, 303, 400, 404, 422}, (resource.path, name)
            assert len(answer.text) < 1 << 20, (resource.path, name)
    query = "name.contains=" + "x" * 10_000
    ada.get("/vendors")
    sent = ada.post("/vendors/change", {"csrf": ada.token(), "all": "1", "query": query})
    assert sent.status_code in {200, 400}


def test_no_list_is_ordered_or_filtered_by_what_it_does_not_offer(shop: Shop, ada: Browser) -> None:
    for resource in shop.site.resources.values():
        for query in (
            "sort=password_hash", "sort=nonsense", "sort=-id);drop table users", "cols=nonsense",
            "nonsense.is=1",
        ):  # fmt: skip
            answer = ada.get(f"{resource.path}?{query}")
            assert answer.status_code == 400, (resource.path, query)
    for query in ("password_hash.contains=a", "cols=password_hash", "password_hash.is=x"):
        assert ada.get(f"/users?{query}").status_code == 400, query
        assert ada.get(f"/users.csv?{query}").status_code == 400, query
