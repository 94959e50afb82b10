# SPDX-License-Identifier: Apache-2.0
# mypy: ignore-errors
# ruff: noqa: ANN001, ANN201
"""The admin page of products: ModelAdmin's defaults, our columns, names joined.

It is ordered as our grid is, and along a whole index: without "pk" Django would add "-pk", for
which there is no index. The prices of a page come by one more statement: as a subquery of the
same one, PostgreSQL would look up a price for each row that a deep page skips.
"""

from django.contrib import admin
from django.db.models import Prefetch
from django.db.models.functions import Now

from bench.grid.django_side.models import Product, ProductPrice


@admin.register(Product)
class ProductAdmin(admin.ModelAdmin):
    """The list of products."""

    list_display = (
        *("gtin", "description", "size", "brand", "department"),
        *("price", "modified_at", "is_discontinued"),
    )
    list_display_links = ("description",)
    list_select_related = ("brand", "department")
    list_per_page = 100
    ordering = ("description", "pk")
    search_fields = ("brand__name", "description", "size", "gtin", "plu")

    def get_queryset(self, request):
        """Bring the regular prices of today along."""
        prices = ProductPrice.objects.filter(kind="regular", valid__contains=Now())
        today = Prefetch("productprice_set", prices.order_by("store_id"), to_attr="today")
        return super().get_queryset(request).prefetch_related(today)

    @admin.display(description="price")
    def price(self, product):
        """Show the regular price of today."""
        return product.today[0].price if product.today else None
