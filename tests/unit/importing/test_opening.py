# SPDX-License-Identifier: Apache-2.0
"""Opening files of others: packed, damaged, cut off, and bombs."""

import gzip
import io
import random
import tarfile
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from poser.importing.opening import CutOff, Limits, Refused, opened
from tests.support.poslog import drain

SMALL = Limits(ratio=20, free_mib=1, largest_mib=4)


def read(path: Path, limits: Limits = SMALL) -> bytes:
    with opened(str(path), limits) as file:
        return b"".join(file.pieces())


def write(folder: Path, content: bytes) -> Path:
    path = folder / "log"
    path.write_bytes(content)
    return path


def noise(size: int) -> bytes:
    return random.Random(7).randbytes(size)  # noqa: S311 - no secret


def test_a_plain_file_is_read_as_it_is(tmp_path: Path) -> None:
    content = noise(3_000_000).replace(b"PK", b"pk")
    assert read(write(tmp_path, b"x" + content)) == b"x" + content
    assert read(write(tmp_path, b"")) == b""


def test_gzip_is_told_by_its_bytes_and_unpacked(tmp_path: Path) -> None:
    content = noise(2_000_000)
    assert read(write(tmp_path, gzip.compress(content))) == content


def test_gzip_files_in_a_row_are_one_content(tmp_path: Path) -> None:
    packed = gzip.compress(b"one ") + gzip.compress(b"") + gzip.compress(b"two") + b"\0" * 512
    assert read(write(tmp_path, packed)) == b"one two"


@settings(max_examples=30, deadline=None)
@given(st.integers(min_value=2, max_value=999))
def test_gzip_that_ends_early_gives_what_is_there_and_says_so(
    tmp_path_factory: pytest.TempPathFactory, per_mille: int
) -> None:
    content = noise(100_000)
    packed = gzip.compress(content)
    path = write(tmp_path_factory.mktemp("cut"), packed[: max(len(packed) * per_mille // 1000, 2)])
    with opened(str(path), SMALL) as file:
        got, error = drain(file.pieces())
    assert isinstance(error, CutOff)
    assert "ends before its end" in error.message
    assert content.startswith(b"".join(got))


def test_gzip_whose_bytes_changed_is_refused(tmp_path: Path) -> None:
    packed = bytearray(gzip.compress(noise(100_000)))
    packed[-6] ^= 1
    with pytest.raises(Refused, match="is damaged"):
        read(write(tmp_path, bytes(packed)))


def test_a_bomb_is_refused_by_its_ratio_long_before_its_end(tmp_path: Path) -> None:
    path = write(tmp_path, gzip.compress(b"<POSLog>" + b" " * 50_000_000))
    with opened(str(path), Limits(free_mib=1, largest_mib=1000)) as file:
        got, error = drain(file.pieces())
    assert isinstance(error, Refused)
    assert "more than 200 times its size, as a zip bomb" in error.message
    assert len(b"".join(got)) < 20_000_000


def test_a_file_that_unpacks_to_too_much_is_refused_whatever_its_ratio(tmp_path: Path) -> None:
    path = write(tmp_path, gzip.compress(noise(5_000_000)))
    with pytest.raises(Refused, match="unpacks to more than 4 MiB") as caught:
        read(path)
    assert "--largest-mib" in caught.value.hint


def test_other_ways_to_pack_are_named(tmp_path: Path) -> None:
    for name, kind in {"zip": "zip", "bz2": "bzip2", "xz": "xz"}.items():
        packed = io.BytesIO()
        if name == "zip":
            with zipfile.ZipFile(packed, "w") as archive:
                archive.writestr("POSLog.xml", "<POSLog/>")
        else:
            with tarfile.open(fileobj=packed, mode=f"w:{name}"):  # type: ignore[call-overload]
                pass
        with pytest.raises(Refused, match=f"is packed with {kind}") as caught:
            read(write(tmp_path, packed.getvalue()))
        assert "unpack it first" in caught.value.hint


def test_what_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(Refused, match=r"cannot read .*nowhere: No such file"):
        read(tmp_path / "nowhere")
    with pytest.raises(Refused, match=r"cannot read .*: Is a directory"):
        read(tmp_path)


def test_standard_input_is_a_file_too(monkeypatch: pytest.MonkeyPatch) -> None:
    stdin = io.TextIOWrapper(io.BytesIO(gzip.compress(b"<POSLog/>")))
    monkeypatch.setattr("sys.stdin", stdin)
    with opened("-", SMALL) as file:
        assert b"".join(file.pieces()) == b"<POSLog/>"
        assert (file.name, file.size) == ("standard input", None)
