# SPDX-License-Identifier: Apache-2.0
# mypy: ignore-errors
# ruff: noqa: D106
"""Our tables as Django models: it neither makes nor changes them."""

from django.contrib.postgres.fields import DateTimeRangeField
from django.db import models


class Brand(models.Model):
    """The name a maker sells goods under."""

    id = models.UUIDField(primary_key=True)
    name = models.TextField()

    class Meta:
        managed = False
        db_table = "brands"

    def __str__(self) -> str:
        return self.name


class Department(models.Model):
    """A group of goods."""

    id = models.UUIDField(primary_key=True)
    number = models.TextField()
    name = models.TextField()

    class Meta:
        managed = False
        db_table = "departments"

    def __str__(self) -> str:
        return self.name


class Product(models.Model):
    """One thing that can be sold."""

    id = models.UUIDField(primary_key=True)
    gtin = models.BigIntegerField(null=True, blank=True)
    plu = models.IntegerField(null=True, blank=True)
    description = models.TextField()
    size = models.TextField(blank=True)
    brand = models.ForeignKey(Brand, models.DO_NOTHING, null=True, blank=True)
    department = models.ForeignKey(Department, models.DO_NOTHING, null=True, blank=True)
    is_weighed = models.BooleanField()
    is_food_stampable = models.BooleanField()
    is_discontinued = models.BooleanField()
    modified_at = models.DateTimeField()

    class Meta:
        managed = False
        db_table = "products"

    def __str__(self) -> str:
        return self.description


class ProductPrice(models.Model):
    """One price of one product during a range of time."""

    id = models.UUIDField(primary_key=True)
    product = models.ForeignKey(Product, models.DO_NOTHING)
    store_id = models.UUIDField(null=True)
    kind = models.TextField()
    price = models.DecimalField(max_digits=12, decimal_places=3)
    valid = DateTimeRangeField()

    class Meta:
        managed = False
        db_table = "product_prices"

    def __str__(self) -> str:
        return f"{self.price}"
