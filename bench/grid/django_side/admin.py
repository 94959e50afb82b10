# SPDX-License-Identifier: Apache-2.0
# mypy: ignore-errors
"""The admin page of products: ModelAdmin's defaults, our columns, names joined.

It is ordered as our grid is, and by a whole index: without "pk" Django would add "-pk", for
which there is no index.
"""

from django.contrib import admin

from bench.grid.django_side.models import Product


@admin.register(Product)
class ProductAdmin(admin.ModelAdmin):
    """The list of products."""

    list_display = ("description", "brand", "size", "gtin", "plu", "department", "modified_at")
    list_select_related = ("brand", "department")
    list_per_page = 100
    ordering = ("description", "pk")
    search_fields = ("brand__name", "description", "size", "gtin", "plu")
