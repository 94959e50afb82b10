# SPDX-License-Identifier: Apache-2.0
"""What goes over the one SSH channel; both sides use this module.

Control runs `BOOTSTRAP_COMMAND(kit_sha)` and writes frames to its standard input: one line
"NAME LENGTH", then LENGTH bytes. The first frame is the `job` (JSON, packed by zlib when long);
`blob` frames answer "need" events; in shell mode `run` and `verified` frames follow. The machine
answers with one JSON object a line, an event. The channel's standard input stays open until the
final event: its end tells the machine that nobody listens any more, and it stops.
"""

from __future__ import annotations

import json
import os
import zlib

from poser.errors import WireError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path
    from typing import Any, Protocol, TypeAlias

    Event: TypeAlias = dict[str, Any]

    class Writable(Protocol):
        """Where frames go: the standard input of the remote command."""

        def write(self, data: bytes, /) -> object:
            """Send all of these bytes."""

        def flush(self) -> object:
            """Do not keep any of them back."""

    class Readable(Protocol):
        """Where frames come from."""

        def readline(self, limit: int = -1, /) -> bytes:
            """Read one line."""

        def read(self, size: int = -1, /) -> bytes:
            """Read this many bytes, fewer only at the end."""


FINAL = frozenset({"done", "failed", "confirmed", "status"})
KIT_FOLDER = "/var/lib/poser-kit/kit"
_LONG = 2048
_CHUNK = 1 << 20
_HEADER_LIMIT = 64
_JUNK_LINES = 20

# Runs on the machine before the kit is there: fetches it when it is missing, then hands over.
# It has no single quotes, since the login shell sees it between single quotes.
_BOOTSTRAP = """\
import os,sys
k=sys.argv[1];b="KIT_FOLDER/";d=b+k;i=sys.stdin.buffer;j=None
def f():
 n,l=i.readline().split();s=i.read(int(l))
 if len(s)<int(l):sys.exit(1)
 return s
try:
 if not os.path.isdir(d):
  import hashlib,io,shutil,zipfile,py_compile as p
  j=f();print("{\\"event\\":\\"need\\",\\"sha256\\":\\"%s\\"}"%k,flush=True);z=f()
  if hashlib.sha256(z).hexdigest()!=k:sys.exit("the kit was damaged on the way")
  t=b+".new%d/"%os.getpid();os.makedirs(t,0o700)
  try:
   with zipfile.ZipFile(io.BytesIO(z)) as a:
    for n in a.namelist():
     s=a.extract(n,t);c=p.compile(s,dfile=d+"/"+n,doraise=True,invalidation_mode=p.PycInvalidationMode.UNCHECKED_HASH)
     for w in(s,c):
      w=os.open(w,0);os.fsync(w);os.close(w)
   try:os.rename(t,d)
   except OSError:
    if not os.path.isdir(d):raise
  finally:shutil.rmtree(t,True)
except OSError as e:
 import json
 m="cannot keep the kit in %s: %s"%(b,e);h="not root, or a full or read-only disk?"
 e={"event":"failed","key":"kit","message":m,"output":"","hint":h}
 print(json.dumps(e),flush=True);sys.exit(1)
sys.path.insert(0,d)
from poser.machine.agent import main
sys.exit(main(j))
"""


def BOOTSTRAP_COMMAND(  # noqa: N802 - the name both sides agreed on
    kit_sha: str, *, python: str = "/usr/bin/python3", folder: str = KIT_FOLDER
) -> str:
    """Return the command line to run on the machine, quoted for any POSIX login shell.

    `folder` is where kits are kept on the machine, each by its hash.
    """
    return f"{python} -I -S -c '{_BOOTSTRAP.replace('KIT_FOLDER', folder)}' {kit_sha}"


def write_frame(stream: Writable, name: str, data: bytes) -> None:
    """Send one frame."""
    stream.write(f"{name} {len(data)}\n".encode() + data)
    stream.flush()


def read_header(stream: Readable) -> tuple[str, int] | None:
    """Return name and length of the next frame, or None at the end of the stream."""
    line = stream.readline(_HEADER_LIMIT)
    if not line:
        return None
    name, _, length = line.decode(errors="replace").strip().partition(" ")
    if not line.endswith(b"\n") or not name.isalpha() or not length.isdecimal():
        raise WireError(f"this is no frame: {line[:40]!r}", hint="do both sides have one version?")
    return name, int(length)


def read_frame(stream: Readable) -> tuple[str, bytes] | None:
    """Return name and content of the next frame, or None at the end of the stream."""
    header = read_header(stream)
    if header is None:
        return None
    data = stream.read(header[1])
    if len(data) < header[1]:
        raise WireError(f"the frame {header[0]!r} ends after {len(data)} of {header[1]} bytes")
    return header[0], data


def pack_job(job: Mapping[str, Any]) -> bytes:
    """Return a job as bytes, packed when that is worth it."""
    text = json.dumps(job, separators=(",", ":")).encode()
    return zlib.compress(text, 6) if len(text) > _LONG else text


def unpack_job(data: bytes) -> dict[str, Any]:
    """Return the job that `pack_job` wrote; WireError when it is none."""
    try:
        text = data if data[:1] == b"{" else zlib.decompress(data)
        job = json.loads(text)
    except (zlib.error, ValueError) as error:
        raise WireError(f"the job cannot be read: {error}") from error
    if not isinstance(job, dict):
        raise WireError("the job is no JSON object")
    return job


def events(lines: Iterable[bytes | str]) -> Iterator[Event]:
    """Yield what the machine says until a final event; WireError when it falls silent before.

    Lines that are no events (a login banner, a traceback) are quoted in that error.
    """
    junk: list[str] = []
    for line in lines:
        text = line.decode(errors="replace") if isinstance(line, bytes) else line
        event = _event(text)
        if event is None:
            junk.append(text.rstrip("\n"))
            continue
        is_final = event["event"] in FINAL
        yield event
        if is_final:
            return
    said = "".join(f"\n  {line}" for line in junk[-_JUNK_LINES:])
    raise WireError(
        "the machine stopped answering in the middle" + (f"; it said:{said}" if said else ""),
        hint="was the connection cut, or python3 missing? Run it again: it goes on from there",
    )


def _event(text: str) -> Event | None:
    try:
        event = json.loads(text)
    except ValueError:
        return None
    return event if isinstance(event, dict) and "event" in event else None


def converse(
    stdin: Writable,
    stdout: Iterable[bytes | str],
    job: Mapping[str, Any],
    blobs: Mapping[str, bytes | Path],
) -> Iterator[Event]:
    """Send the job, yield what the machine says, and send it the blobs that it needs.

    The last event is one of `FINAL`. Raises WireError when the stream ends before it, or when
    a blob is wanted that is not among `blobs` (by SHA-256).
    """
    write_frame(stdin, "job", pack_job(job))
    for event in events(stdout):
        if event["event"] == "need":
            yield from _answer(stdin, str(event["sha256"]), blobs)
        else:
            yield event


def _answer(stdin: Writable, sha256: str, blobs: Mapping[str, bytes | Path]) -> Iterator[Event]:
    """Send one blob, a piece at a time, and say how far it is."""
    if sha256 not in blobs:
        raise WireError(
            f"the machine asks for {sha256[:12]}…, which this run does not have",
            hint="the release was built again meanwhile? Run it again",
        )
    blob = blobs[sha256]
    if isinstance(blob, bytes):
        write_frame(stdin, "blob", blob)
        return
    size = os.stat(blob).st_size
    stdin.write(f"blob {size}\n".encode())
    sent = 0
    with open(blob, "rb") as file:
        while piece := file.read(_CHUNK):
            stdin.write(piece)
            sent += len(piece)
            text = f"sending {sent >> 20} of {size >> 20} MiB"
            yield {"event": "progress", "key": "transfer", "text": text}
    stdin.flush()
    if sent != size:
        raise WireError(f"{blob} changed while it was sent", hint="run it again")
