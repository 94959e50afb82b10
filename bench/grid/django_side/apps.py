# SPDX-License-Identifier: Apache-2.0
# mypy: ignore-errors
# Django carries no types; it is a peer, installed for the bench only.
"""The Django application that shows our products."""

from django.apps import AppConfig


class Shop(AppConfig):
    """Our tables, as Django sees them."""

    name = "bench.grid.django_side"
    label = "shop"
