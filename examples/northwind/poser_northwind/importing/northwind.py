# SPDX-License-Identifier: Apache-2.0
"""Northwind, a food wholesaler: its PostgreSQL database, as Poser's own records."""

from poser import model as ours
from poser.importing.fields import Field, Find, named
from poser.importing.from_database import FromDatabase
from poser.importing.importer import Importer

PRODUCT, VENDOR = Find(ours.Product, "item_number"), Find(ours.Vendor, "number")
LINES = """
SELECT d.*, row_number() OVER (PARTITION BY order_id ORDER BY product_id) AS line, product_name,
100 * discount::numeric AS percent FROM order_details AS d JOIN products USING (product_id)"""


class Vendors(Importer):
    model, source, key = ours.Vendor, "suppliers", ("number",)
    fields = named(number="supplier_id", name="company_name")


class Categories(Importer):
    model, source, key = ours.Category, "categories", ("code",)
    fields = named(code="category_id", name="category_name")


class Products(Importer):
    model, source, key = ours.Product, "products", ("item_number",)
    fields = (
        *named(item_number="product_id", description="product_name", size="quantity_per_unit"),
        Field("category_id", find=Find(ours.Category, "code")),
        Field("is_discontinued", "discontinued"),
    )


class VendorItems(Importer):
    model, source, key = ours.VendorItem, "products", ("product_id", "vendor_id")
    fields = (Field("product_id", find=PRODUCT), Field("vendor_id", "supplier_id", find=VENDOR))


class Prices(Importer):
    model, source, key = ours.ProductPrice, "products", ("product_id", "kind")
    scope = "t.store_id IS NULL AND upper_inf(t.valid)"
    fields = (
        Field("product_id", find=PRODUCT),
        Field("kind", value="regular"),
        Field("price", "unit_price"),
        Field("valid", value="[1996-01-01 00:00+00,)"),
    )


class Customers(Importer):
    model, source, key = ours.Customer, "customers", ("number",)
    fields = (*named(number="customer_id", name="company_name"), Field("is_wholesale", value=True))


class Orders(Importer):
    model, source, key = ours.CustomerOrder, "orders", ("number",)
    fields = (
        Field("number", "order_id"),
        Field("customer_id", find=Find(ours.Customer, "number")),
        Field("ordered_at", "order_date", read=lambda day: f"{day}T00:00Z"),
        Field("status", "shipped_date", read=lambda day: "closed" if day else "open"),
    )


class OrderItems(Importer):
    model, source, key = ours.CustomerOrderItem, LINES, ("order_id", "sequence")
    fields = (
        Field("order_id", find=Find(ours.CustomerOrder, "number")),
        Field("product_id", find=PRODUCT),
        *named(sequence="line", description="product_name", quantity="quantity"),
        *named(price="unit_price", discount_percent="percent"),
    )


class Northwind(FromDatabase):
    """Northwind, a food wholesaler: suppliers, products, customers and orders."""

    key = "northwind"
    importers = (Vendors, Categories, Products, VendorItems, Prices, Customers, Orders, OrderItems)
