# SPDX-License-Identifier: Apache-2.0
"""Control and machine talk over pipes: the real bootstrap, the real kit, a local process."""

from __future__ import annotations

import base64
import json
import shlex
import subprocess
import sys
import zlib
from contextlib import contextmanager
from io import BytesIO
from typing import TYPE_CHECKING, Any

import pytest

from poser.errors import WireError
from poser.machine import pack, wire
from poser.machine.resource import encode
from poser.machine.resources.file import File

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

SHA, KIT = pack.kit()


@contextmanager
def far_side(folder: Path, command: str = "") -> Iterator[subprocess.Popen[bytes]]:
    """Start what SSH would start, in a login shell, with kits kept in `folder`."""
    line = command or wire.BOOTSTRAP_COMMAND(SHA, python=sys.executable, folder=str(folder))
    with subprocess.Popen(
        ["/bin/sh", "-c", line], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        yield process
        assert process.stdin
        assert process.stdout
        process.stdin.close()
        process.stdout.close()


def talk(
    folder: Path,
    job: Mapping[str, Any],
    blobs: Mapping[str, bytes | Path] | None = None,
    command: str = "",
) -> list[dict[str, Any]]:
    with far_side(folder, command) as process:
        assert process.stdin
        assert process.stdout
        known = {SHA: KIT} if blobs is None else blobs
        return list(wire.converse(process.stdin, process.stdout, job, known))


@pytest.fixture(scope="module")
def kits(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a folder on the far side in which the kit is already."""
    folder = tmp_path_factory.mktemp("far") / "kits"
    talk(folder, check_job(folder.parent))
    return folder


def check_job(tmp_path: Path, *, text: str = "hello\n") -> dict[str, Any]:
    resources = encode([File(path=str(tmp_path / "motd"), content=text)])
    return {"mode": "check", "resources": resources, "show_diff": True}


def test_the_kit_is_sent_once_and_then_kept(tmp_path: Path) -> None:
    kits = tmp_path / "kits"
    first = talk(kits, check_job(tmp_path))
    assert [event["event"] for event in first] == ["look", "plan", "done"]
    second = talk(kits, check_job(tmp_path), blobs={})
    assert [event["event"] for event in second] == ["look", "plan", "done"]
    assert [path.name for path in kits.iterdir()] == [SHA]


def test_a_plan_comes_back_with_its_diff(kits: Path, tmp_path: Path) -> None:
    plan = talk(kits, check_job(tmp_path))[1]
    (step,) = plan["steps"]
    assert step["reason"] == "is missing"
    assert "+hello" in step["diff"]
    assert not (tmp_path / "motd").exists(), "a check changes nothing"


def test_a_long_job_is_packed_and_arrives_whole(kits: Path, tmp_path: Path) -> None:
    job = check_job(tmp_path, text="a line of text\n" * 5000)
    assert len(wire.pack_job(job)) < 2000
    events = talk(kits, job)
    assert events[-1]["drift"] == 1


def test_a_kit_that_was_damaged_on_the_way_is_refused(tmp_path: Path) -> None:
    with pytest.raises(WireError, match="stopped answering"):
        talk(tmp_path / "kits", check_job(tmp_path), {SHA: KIT[:-1] + b"x"})
    assert not (tmp_path / "kits").exists()


def test_half_a_kit_from_a_killed_run_is_not_used(tmp_path: Path) -> None:
    half = tmp_path / "kits" / ".new1"
    half.mkdir(parents=True)
    assert talk(tmp_path / "kits", check_job(tmp_path))[-1]["event"] == "done"


def test_old_kits_go_when_new_ones_come(tmp_path: Path) -> None:
    kits = tmp_path / "kits"
    for n in range(9):
        (kits / f"old{n}").mkdir(parents=True)
    talk(kits, check_job(tmp_path))
    assert len(list(kits.iterdir())) == 4
    assert (kits / SHA).is_dir()


def test_a_folder_that_cannot_be_written_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "kits").write_text("a file is in the way")
    (event,) = talk(tmp_path / "kits", check_job(tmp_path))
    assert event["event"] == "failed"
    assert str(tmp_path / "kits") in event["message"]


def test_a_machine_without_python_is_one_clear_error(tmp_path: Path) -> None:
    command = wire.BOOTSTRAP_COMMAND(SHA, python="/nowhere/python3", folder=str(tmp_path))
    with pytest.raises(WireError, match="stopped answering") as caught:
        talk(tmp_path, check_job(tmp_path), command=f"{command} 2>&1")
    assert "/nowhere/python3" in str(caught.value), "the shell's own words are quoted"
    assert "python3" in caught.value.hint


def test_a_login_banner_does_no_harm(kits: Path, tmp_path: Path) -> None:
    command = wire.BOOTSTRAP_COMMAND(SHA, python=sys.executable, folder=str(kits))
    events = talk(tmp_path, check_job(tmp_path), command=f"echo Welcome; {command}")
    assert events[-1]["event"] == "done"


def test_a_blob_that_control_does_not_have_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(WireError, match="asks for"):
        talk(tmp_path / "kits", check_job(tmp_path), {})


def test_an_unknown_kind_of_resource_is_named(kits: Path) -> None:
    job = {"mode": "check", "resources": [{"kind": "Fiel", "path": "/x"}]}
    (event,) = talk(kits, job)
    assert event["event"] == "failed"
    assert "'Fiel'" in event["message"]
    assert "File" in event["hint"]


def test_a_resource_with_a_field_too_many_is_named(kits: Path) -> None:
    job = {"mode": "check", "resources": [{"kind": "Link", "path": "/x", "to": "/y"}]}
    (event,) = talk(kits, job)
    assert "Link" in event["message"]
    assert "'to'" in event["message"]


def test_an_unknown_mode_is_named(kits: Path) -> None:
    (event,) = talk(kits, {"mode": "dance"})
    assert event["event"] == "failed"
    assert "'dance'" in event["message"]


def test_a_job_that_is_no_json_is_refused() -> None:
    for data in (b"{", b"[]", b"\x78\x00", zlib.compress(b"1")):
        with pytest.raises(WireError):
            wire.unpack_job(data)


def test_many_commands_go_through_one_shell(kits: Path) -> None:
    with far_side(kits) as process:
        assert process.stdin
        assert process.stdout
        wire.write_frame(process.stdin, "job", wire.pack_job({"mode": "shell"}))
        answers = wire.events(process.stdout)
        for n in range(3):
            command = f"printf {n}; printf 'ä\\0' >&2; exit {n}"
            wire.write_frame(process.stdin, "run", json.dumps({"command": command}).encode())
            answer = next(answers)
            assert answer["rc"] == n
            assert base64.b64decode(answer["out"]) == str(n).encode()
            assert base64.b64decode(answer["err"]) == "ä\0".encode()


def test_output_that_is_no_text_comes_through_the_shell_unchanged(kits: Path) -> None:
    with far_side(kits) as process:
        assert process.stdin
        assert process.stdout
        wire.write_frame(process.stdin, "job", wire.pack_job({"mode": "shell"}))
        answers = wire.events(process.stdout)
        asked = {"command": "printf '\\377\\376'"}
        wire.write_frame(process.stdin, "run", json.dumps(asked).encode())
        assert base64.b64decode(next(answers)["out"]) == b"\xff\xfe"


def test_the_bootstrap_is_small_and_quoted_for_a_login_shell() -> None:
    command = wire.BOOTSTRAP_COMMAND(SHA)
    assert len(command) < 1500
    words = shlex.split(command)
    assert words[:4] == ["/usr/bin/python3", "-I", "-S", "-c"]
    compile(words[4], "bootstrap", "exec")
    assert words[5] == SHA


class Pipe(BytesIO):
    """What was written, readable as frames."""


def test_frames_are_read_back_as_written() -> None:
    pipe = Pipe()
    wire.write_frame(pipe, "job", b"{}\n")
    wire.write_frame(pipe, "blob", b"")
    pipe.seek(0)
    assert wire.read_frame(pipe) == ("job", b"{}\n")
    assert wire.read_frame(pipe) == ("blob", b"")
    assert wire.read_frame(pipe) is None


@pytest.mark.parametrize(
    "data", [b"job\n", b"job x\n", b"job 5\nab", b"12 5\n", b"x" * 500, b"job 2"]
)
def test_what_is_no_frame_is_refused(data: bytes) -> None:
    with pytest.raises(WireError):
        wire.read_frame(BytesIO(data))


def test_a_stream_that_ends_early_quotes_what_was_said() -> None:
    lines = [b'{"event": "look", "count": 3}\n', b"Traceback: out of memory\n"]
    heard: list[wire.Event] = []
    with pytest.raises(WireError, match="out of memory"):
        heard.extend(wire.events(lines))


def test_nothing_is_read_behind_the_final_event() -> None:
    lines = iter([b'{"event": "done"}\n', b"not asked for\n"])
    assert list(wire.events(lines)) == [{"event": "done"}]
    assert next(lines) == b"not asked for\n"


def test_a_large_blob_is_sent_in_pieces_with_progress(tmp_path: Path) -> None:
    bundle = tmp_path / "bundle"
    bundle.write_bytes(b"x" * (3 << 20))
    out = Pipe()
    lines = [b'{"event": "need", "sha256": "ab"}\n', b'{"event": "done"}\n']
    heard = list(wire.converse(out, lines, {"mode": "check"}, {"ab": bundle}))
    assert [event["event"] for event in heard] == ["progress"] * 3 + ["done"]
    out.seek(0)
    assert wire.read_frame(out) == ("job", b'{"mode":"check"}')
    assert wire.read_frame(out) == ("blob", bundle.read_bytes())


def test_the_kit_is_the_same_bytes_every_time() -> None:
    assert pack.archive() == pack.archive()
    assert pack.kit() == (SHA, KIT)


def test_the_kit_does_not_depend_on_times_or_modes(tmp_path: Path) -> None:
    for path in pack.sources():
        copy = tmp_path / path.relative_to(pack.sources()[0].parent.parent)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(path.read_bytes())
        copy.chmod(0o600)
    assert pack.archive(tmp_path) == KIT


def test_the_kit_holds_itself_and_the_errors_only() -> None:
    names = {path.relative_to(pack.sources()[0].parent).as_posix() for path in pack.sources()}
    outside = {name for name in names if not name.startswith("machine/")}
    assert outside == {"__init__.py", "errors.py"}
    assert len(KIT) < 100_000
