# SPDX-License-Identifier: Apache-2.0
"""The firewall."""

from __future__ import annotations

from dataclasses import dataclass

from poser.machine.resource import Resource


@dataclass(frozen=True, slots=True, kw_only=True)
class Nftables(Resource):
    """The whole ruleset in /etc/nftables.conf, loaded; always guarded.

    The content is checked by nft before it is used. Drift in the loaded tables that it names is
    seen, too; tables of others are left out of that.
    """

    content: str

    @property
    def key(self) -> str:
        return "nftables"
