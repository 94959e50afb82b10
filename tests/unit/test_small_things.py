# SPDX-License-Identifier: Apache-2.0
"""Ids, log lines and errors."""

import logging
import os
import subprocess
import sys
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from poser.errors import ConfigError, ImportFailed, PoserError, Unavailable, WireError
from poser.ids import uuid7
from poser.logs import FieldsFormatter

MOMENTS = st.integers(min_value=0, max_value=2**48 * 10**6 - 1)


@given(MOMENTS)
def test_an_id_is_a_uuid_of_version_7_with_the_time_in_it(now_ns: int) -> None:
    made = uuid7(now_ns)
    assert made.version == 7
    assert made.variant == "specified in RFC 4122"
    assert made.int >> 80 == now_ns // 10**6


@given(MOMENTS, MOMENTS)
def test_ids_ascend_with_time(one: int, other: int) -> None:
    early, late = sorted((one, other))
    if late - early >= 1000:
        assert uuid7(early) < uuid7(late)


def test_ids_made_at_the_same_moment_differ() -> None:
    assert len({uuid7(1) for _ in range(1000)}) == 1000
    assert isinstance(uuid7(), UUID)


def test_a_log_line_has_its_fields_behind_a_constant_message() -> None:
    record = logging.makeLogRecord(
        {"name": "poser.x", "levelname": "INFO", "msg": "reading stored", "count": 3, "who": "a b"}
    )
    line = FieldsFormatter("%(levelname)s %(name)s: %(message)s").format(record)
    assert line == "INFO poser.x: reading stored count=3 who='a b'"


@pytest.mark.parametrize("is_journal", [True, False])
def test_the_journal_is_told_how_bad_a_line_is_and_nobody_else(
    tmp_path: Path, *, is_journal: bool
) -> None:
    program = (
        "import logging; from poser import logs; logs.configure();"
        "logging.getLogger('poser.x').error('gone', extra={'count': 3});"
        "logging.getLogger('poser.x').info('fine')"
    )
    with (tmp_path / "log").open("w") as log:
        seen = os.fstat(log.fileno())
        stream = f"{seen.st_dev}:{seen.st_ino if is_journal else 1}"
        environment = {**os.environ, "JOURNAL_STREAM": stream}
        subprocess.run([sys.executable, "-c", program], env=environment, stderr=log, check=True)
    marks = ("<3>", "<6>") if is_journal else ("", "")
    lines = (tmp_path / "log").read_text().splitlines()
    assert lines == [f"{marks[0]}ERROR poser.x: gone count=3", f"{marks[1]}INFO poser.x: fine"]


@pytest.mark.parametrize(
    ("kind", "also"), [(ConfigError, ValueError), (WireError, ValueError), (Unavailable, OSError)]
)
def test_errors_are_also_of_the_builtin_kind(kind: type[PoserError], also: type[Exception]) -> None:
    error = kind("it broke", hint="mend it")
    assert isinstance(error, also)
    assert (str(error), error.message, error.hint) == ("it broke", "it broke", "mend it")


def test_an_error_may_have_no_hint() -> None:
    assert ImportFailed("x").hint == ""
