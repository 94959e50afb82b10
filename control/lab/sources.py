# SPDX-License-Identifier: Apache-2.0
"""Finds the Debian mirror that this computer itself uses, in its apt sources.

Both forms are read: one line a source (`*.list`) and paragraphs of fields (`*.sources`).
*Source:* sources.list(5).
"""

import re
import shlex
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from control.lab.values import Mirror
from poser.errors import ConfigError

_APT = Path("/etc/apt")
_OS_RELEASE = Path("/etc/os-release")
_ALIASES = ("stable", "oldstable")
_HINT = "name one in the inventory: [mirror] with uris and security_uris"


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One apt source of binary packages: where, which suites, which components."""

    uris: tuple[str, ...]
    suites: tuple[str, ...]
    components: tuple[str, ...]
    signed_by: str = ""


def debian_mirror(suite: str = "trixie", apt: Path = _APT, release: Path = _OS_RELEASE) -> Mirror:
    """Return the mirror to take the Debian release `suite` from: the one this computer uses.

    Raises ConfigError when the sources name none for packages or none for security updates.
    """
    codename = _codename(release)
    sources = list(read_sources(apt))
    main = _uris(sources, (codename, *_ALIASES))
    security = _uris(sources, tuple(f"{name}-security" for name in (codename, *_ALIASES)))
    if not main or not security:
        what = "security updates" if main else f"Debian's {codename}"
        raise ConfigError(f"the apt sources of this computer name no mirror for {what}", hint=_HINT)
    return Mirror(uris=main, security_uris=security, suite=suite)


def _codename(release: Path) -> str:
    fields = dict(line.split("=", 1) for line in release.read_text().splitlines() if "=" in line)
    name = fields.get("VERSION_CODENAME", "").strip('"')
    if fields.get("ID", "").strip('"') != "debian" or not name:
        raise ConfigError(
            "this computer does not run a Debian release, so its apt sources name no Debian mirror",
            hint=_HINT,
        )
    return name


def _uris(sources: Iterable[Source], suites: tuple[str, ...]) -> tuple[str, ...]:
    """Return the addresses of any of `suites`, those that Debian signs before others."""
    found = [
        source
        for source in sources
        if set(suites) & set(source.suites) and "main" in source.components
    ]
    # Others, too, call their suites after Debian's; their sources name a key of their own.
    debian = [source for source in found if "debian-archive" in source.signed_by]
    chosen = debian or [source for source in found if not source.signed_by]
    uris = dict.fromkeys(uri for source in chosen for uri in source.uris)
    return tuple(uri for uri in uris if uri.startswith(("http://", "https://")))


def read_sources(apt: Path = _APT) -> Iterator[Source]:
    """Yield every source of binary packages that is switched on in the folder `apt`."""
    parts = apt / "sources.list.d"
    for path in (apt / "sources.list", *sorted(parts.glob("*.list"))):
        if path.is_file():
            yield from _one_line_sources(path.read_text(encoding="utf-8", errors="replace"))
    for path in sorted(parts.glob("*.sources")):
        yield from _paragraph_sources(path.read_text(encoding="utf-8", errors="replace"))


def _one_line_sources(text: str) -> Iterator[Source]:
    for line in text.splitlines():
        words = line.split("#", 1)[0]
        found = re.match(r"\s*deb\s+(?:\[(?P<options>[^]]*)\]\s+)?(?P<rest>\S.*)", words)
        if not found:
            continue
        options = dict(
            each.split("=", 1) for each in (found["options"] or "").split() if "=" in each
        )
        uri, *rest = found["rest"].split()
        yield Source(
            uris=tuple(_resolved(uri)),
            suites=tuple(rest[:1]),
            components=tuple(rest[1:]),
            signed_by=options.get("signed-by", ""),
        )


def _paragraph_sources(text: str) -> Iterator[Source]:
    for paragraph in re.split(r"\n[ \t]*\n", text):
        fields = _fields(paragraph)
        if "deb" not in fields.get("types", "").split():
            continue
        if fields.get("enabled", "yes").strip().lower() in {"no", "false", "0", "off"}:
            continue
        yield Source(
            uris=tuple(one for uri in fields.get("uris", "").split() for one in _resolved(uri)),
            suites=tuple(fields.get("suites", "").split()),
            components=tuple(fields.get("components", "").split()),
            signed_by=fields.get("signed-by", ""),
        )


def _fields(paragraph: str) -> Mapping[str, str]:
    """Return the fields of one paragraph, names in small letters, continued lines joined."""
    fields: dict[str, str] = {}
    name = ""
    for line in paragraph.splitlines():
        if line.startswith("#"):
            continue
        if line[:1] in {" ", "\t"} and name:
            fields[name] += f" {line.strip()}"
        elif ":" in line:
            name, value = line.split(":", 1)
            name = name.strip().lower()
            fields[name] = value.strip()
    return fields


def _resolved(uri: str) -> Iterator[str]:
    """Yield the address, or those in the file that "mirror+file:/PATH" names (cloud images)."""
    found = re.fullmatch(r"mirror\+file:(?://)?(?P<path>/.*)", uri)
    if not found:
        yield uri
        return
    listed = Path(found["path"])
    if listed.is_file():
        for line in listed.read_text(encoding="utf-8", errors="replace").splitlines():
            words = shlex.split(line, comments=True)
            if words:
                yield words[0]
