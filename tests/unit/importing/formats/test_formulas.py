# SPDX-License-Identifier: Apache-2.0
"""Texts in files run nothing when a spreadsheet opens them, and come back as they were."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from poser.importing.formats.formulas import may_be_marked, with_apostrophe, without_apostrophe

SIGNS = "=+-@\t\r\n\uff1d\uff0b\uff0d\uff20"
ODD = st.text(st.sampled_from(f"{SIGNS};'a \""), max_size=12) | st.text()


@given(ODD)
def test_no_cell_begins_with_a_sign_wherever_cells_are_cut(words: str) -> None:
    written = with_apostrophe(words)
    for cell in re.split("[;\t\r\n]", written):
        assert not cell.startswith(tuple(SIGNS))
    assert not written.startswith(tuple(SIGNS))


@given(ODD)
def test_a_text_comes_back_as_it_was(words: str) -> None:
    written = with_apostrophe(words)
    assert without_apostrophe(written) == words
    assert may_be_marked(written) or written == words


@pytest.mark.parametrize("words", ["", "Kale", "'tis", "it's 4 - 3; a=b", "1;2", "O'Neill"])
def test_other_texts_stay(words: str) -> None:
    assert with_apostrophe(words) == without_apostrophe(words) == words
