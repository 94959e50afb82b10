# SPDX-License-Identifier: Apache-2.0
"""A declared setting: its name, its type, its bounds, and how to read it."""

import re
from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast
from uuid import UUID

from poser.config.kinds import class_of, kind_of
from poser.config.secret_files import PREFIX, read_secret
from poser.errors import ConfigError

if TYPE_CHECKING:
    from poser.config.entries import Entry
    from poser.config.load import Config

T = TypeVar("T")

DECLARED: "dict[str, Setting[Any]]" = {}
"""Every setting declared by a module imported so far, by name."""

_NAME = re.compile(r"[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*")


class Setting(Generic[T]):
    """One option, declared where it is read; calling it reads it.

    `name` is `section.option` and must be written as a plain string where the setting is
    declared, because the settings files are checked against the source (see
    poser.config.declared). Without `default` the setting has to be written somewhere; a
    default may be given as the text that a file would have. `low` and `high` bound a
    value, inclusive; `choices` bound a text. A `secret` is never shown. `secret` and
    `file_only` settings are never taken from the database; `restart` says that a running
    service reads it only at its start. `per_user_role` settings may have another value
    in the database for the users with some user role.
    """

    def __init__(
        self,
        name: str,
        kind: type[T],
        *,
        doc: str,
        default: T | str | None = None,
        low: T | None = None,
        high: T | None = None,
        choices: tuple[str, ...] = (),
        secret: bool = False,
        file_only: bool = False,
        restart: bool = True,
        per_user_role: bool = False,
    ) -> None:
        if not _NAME.fullmatch(name):
            raise ValueError(f"setting name {name!r} is not section.option in lower case")
        if per_user_role and (secret or file_only or restart):
            raise ValueError(f"{name}: what differs by user role cannot be read only at a start")
        self.name = name
        self.kind = kind_of(kind)
        self.doc = doc
        self.default = default
        self.low = low
        self.high = high
        self.choices = choices
        self.secret = secret
        self.file_only = file_only
        self.restart = restart
        self.per_user_role = per_user_role
        self._adds_up = kind is bool
        self._gives_paths = kind is Path
        is_value = isinstance(default, class_of(kind))
        self._has_text_default = isinstance(default, str) and not is_value
        DECLARED[name] = self

    def __call__(self, config: "Config", *, user_roles: Collection[UUID] = ()) -> T:
        """Read the setting, for somebody with `user_roles` where it differs by user role.

        The same value is parsed once; reading it again is a look into a dict. Of several
        user roles with a value of their own, yes wins over no; of other values the one of
        the user role whose name comes first. Raises ConfigError for a bad value in a file
        or the environment, or none and no default.
        """
        view = config.view
        if user_roles and self.per_user_role:
            return view.read_for(self, user_roles)
        try:
            value: T = view.values[self]
        except KeyError:
            value = view.read(self)
        return value

    @property
    def may_be_row(self) -> bool:
        """Tell whether the database may say it."""
        return not (self.secret or self.file_only)

    def parse(self, entry: "Entry") -> T:
        """Turn what somebody wrote into a value.

        A relative path starts from the file that has it. A secret may be `file:PATH`.
        Raises ConfigError with place, name and what is wanted.
        """
        text = entry.value
        if self.secret and text.startswith(PREFIX):
            path = self._absolute(entry, Path(text.removeprefix(PREFIX).strip()))
            text = read_secret(path, f"{entry.place}: {self.name}")
        return self._parse(text, entry)

    def value_of_default(self) -> T | None:
        """Return the default as a value; None where there is none."""
        if self.default is not None and self._has_text_default:
            return cast("T", self.kind.parse(cast("str", self.default)))
        return cast("T | None", self.default)

    def missing(self, paths: Collection[Path]) -> ConfigError:
        """Make the error for a setting that is written nowhere and has no default."""
        files = ", ".join(str(path) for path in paths) or "any file (none was read)"
        section, option = self.name.split(".")
        return ConfigError(
            f"setting {self.name} is missing in {files}",
            hint=f"write `[{section}]` and `{option} = ...`: {self.doc}",
        )

    def shown(self, value: object) -> str:
        """Write a value for people; a secret stays one, and nothing is nothing."""
        if value is None:
            return ""
        return "(secret)" if self.secret else self.kind.text(value)

    def masked(self, text: str) -> str:
        """Give a text as somebody wrote it, unless it is a secret."""
        return "(secret)" if self.secret and not text.startswith(PREFIX) else text

    @property
    def bounds(self) -> str:
        """The bounds in words, such as `1 to 64`; empty without any."""
        if self.choices:
            return f"one of {', '.join(self.choices)}"
        low, high = (None if one is None else self.kind.text(one) for one in (self.low, self.high))
        if low is None or high is None:
            return "" if high == low else f"at least {low}" if high is None else f"at most {high}"
        return f"{low} to {high}"

    @property
    def adds_up(self) -> bool:
        """Tell whether a yes from one user role wins over a no from another."""
        return self._adds_up

    def _parse(self, text: str, entry: "Entry") -> T:
        try:
            value = self.kind.parse(text)
        except ValueError as error:
            raise self._wrong(entry, str(error)) from None
        if not text and self.default != "":
            raise self._wrong(entry, "not empty")
        if self._gives_paths:
            value = self._absolute(entry, value)
        if not self._is_within(value) or (self.choices and value not in self.choices):
            raise self._wrong(entry, self.bounds)
        return cast("T", value)

    def _absolute(self, entry: "Entry", path: Path) -> Path:
        path = path.expanduser() if path.parts[:1] == ("~",) else path
        if entry.folder is None and not path.is_absolute():
            raise self._wrong(entry, "a path from the root, such as /srv/files")
        return (entry.folder or Path("/")) / path

    def _is_within(self, value: Any) -> bool:  # noqa: ANN401 - what can be compared with its bounds
        low, high = cast("Any", self.low), cast("Any", self.high)
        return (low is None or value >= low) and (high is None or value <= high)

    def _wrong(self, entry: "Entry", wanted: str) -> ConfigError:
        shown = "(secret)" if self.secret else repr(entry.value)
        return ConfigError(
            f"{entry.place}: {self.name} must be {wanted}, not {shown}", hint=self.doc
        )


class Flag(Setting[bool]):
    """A feature that is switched on or off while services run, per user role if wanted.

    NEW_GRID = Flag("web.new_grid", doc="Show the new grid of products.")
    ...
    if NEW_GRID(config, user_roles=visitor.user_roles): ...
    """

    def __init__(self, name: str, *, doc: str, default: bool = False) -> None:
        super().__init__(name, bool, doc=doc, default=default, restart=False, per_user_role=True)
