# SPDX-License-Identifier: Apache-2.0
"""Transactions of the history: everything that was changed together."""

from web.permissions import Anyone, Route
from web.resources.transaction_page import TransactionPage
from web.site import Site


def routes(site: Site) -> list[Route]:  # noqa: ARG001 - needs nothing of it
    """List the one address; the page shows each visitor what the rights on tables allow."""
    return [Route(path="/history/{key:uuid}", page=TransactionPage(), need=Anyone.SIGNED_IN)]
