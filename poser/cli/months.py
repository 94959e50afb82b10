# SPDX-License-Identifier: Apache-2.0
"""Months on the command line, written like 2026-11."""

import re
from datetime import date

import click

_MONTH = re.compile(r"(\d{4})-(\d{2})")


class Month(click.ParamType[date]):
    """A month; its value is the first day."""

    name = "YYYY-MM"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> date:
        """Read a month, or say what is wrong with it."""
        if isinstance(value, date):
            return value
        match = _MONTH.fullmatch(str(value))
        try:
            return date(int(match[1]), int(match[2]), 1) if match else self._refuse(value)
        except ValueError:
            self.fail(f"{value!r} is no month such as 2026-11", param, ctx)

    def _refuse(self, value: object) -> date:
        raise ValueError(value)


MONTH = Month()
"""The type of an option that takes a month."""
