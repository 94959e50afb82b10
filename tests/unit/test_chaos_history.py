# SPDX-License-Identifier: Apache-2.0
"""The checker of chaos tests sees what is lost, and what came in the wrong order."""

import json

from tests.support.chaos.history import lost, out_of_order, read


def history(*lines: tuple[str, int, str, int]) -> str:
    return "".join(
        json.dumps({"word": word, "n": n, "do": do, "key": key}) + "\n"
        for word, n, do, key in lines
    )


TEXT = history(
    ("try", 1, "put_brand", 7),
    ("ack", 1, "put_brand", 7),
    ("try", 2, "put_brand", 7),
    ("ack", 2, "put_brand", 7),
    ("try", 3, "put_brand", 7),
    ("try", 4, "put_brand", 8),
    ("ack", 4, "put_brand", 8),
    ("try", 5, "delete_brand", 8),
    ("ack", 5, "delete_brand", 8),
    ("try", 6, "put_brand", 9),
    ("try", 7, "roll_back_brand", 7),
)


def test_what_was_acknowledged_is_there_or_what_was_tried_after_it() -> None:
    writes = read(TEXT)
    for there in ({7: "brand 7 2"}, {7: "brand 7 3"}, {7: "brand 7 2", 9: "brand 9 6"}):
        assert list(lost(writes, "brand", there)) == []


def test_what_is_lost_is_seen() -> None:
    writes = read(TEXT)
    (old,) = lost(writes, "brand", {7: "brand 7 1"})
    assert "brand 7 is 'brand 7 1', and should be one of" in old
    assert len(list(lost(writes, "brand", {}))) == 1
    assert len(list(lost(writes, "brand", {7: "brand 7 7"}))) == 1, "it was rolled back"
    (back,) = lost(writes, "brand", {7: "brand 7 2", 8: "brand 8 4"})
    assert "brand 8 is 'brand 8 4'" in back, "it was deleted"


def test_a_line_that_was_cut_is_no_word() -> None:
    assert [one.n for one in read(TEXT + '{"word": "ack", "n": 3, "do"')] == [1, 2, 3, 4, 5, 6, 7]
    assert not read(TEXT + '{"word": "ack", "n": 3, "do"')[2].is_acknowledged


def test_what_was_refused_was_not_tried() -> None:
    text = history(("try", 1, "put_brand", 1), ("refused", 1, "put_brand", 1))
    assert read(text) == []


def test_what_goes_back_is_seen() -> None:
    seen = [("a", "brand 1 3"), ("b", "brand 2 1"), ("a", "brand 1 5"), ("b", "brand 2 9")]
    assert list(out_of_order(seen)) == []
    assert list(out_of_order([*seen, ("a", "brand 1 4")])) == ["brand 1 4 was written after 5"]
