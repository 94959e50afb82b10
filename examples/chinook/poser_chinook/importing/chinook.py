# SPDX-License-Identifier: Apache-2.0
"""Chinook, a shop for music: its SQLite file, as Poser's own records."""

from poser import model as ours
from poser.importing.fields import Field, Find, named
from poser.importing.from_database import FromDatabase
from poser.importing.importer import Importer

CUSTOMERS = "SELECT *, coalesce(Company, FirstName || ' ' || LastName) AS Name FROM Customer"
CUSTOMER = Find(ours.Customer, "number")
TRACKS = """
SELECT TrackId, t.Name, GenreId, a.Name AS Artist,
printf('%d:%02d min', Milliseconds / 60000, Milliseconds / 1000 % 60) AS Length
FROM Track AS t LEFT JOIN Album USING (AlbumId) LEFT JOIN Artist AS a USING (ArtistId)"""
LINES = """
SELECT l.*, row_number() OVER (PARTITION BY InvoiceId ORDER BY InvoiceLineId) AS Line, t.Name
FROM InvoiceLine AS l JOIN Track AS t USING (TrackId)"""


class Artists(Importer):
    model, source, key = ours.Brand, "Artist", ("name",)
    fields = named(name="Name")


class Genres(Importer):
    model, source, key = ours.Category, "Genre", ("code",)
    fields = named(code="GenreId", name="Name")


class Tracks(Importer):
    model, source, key = ours.Product, TRACKS, ("item_number",)
    fields = (
        *named(item_number="TrackId", description="Name", size="Length", brand_name="Artist"),
        Field("brand_id", "Artist", find=Find(ours.Brand, "name")),
        Field("category_id", "GenreId", find=Find(ours.Category, "code")),
    )


class Customers(Importer):
    model, source, key = ours.Customer, CUSTOMERS, ("number",)
    fields = named(number="CustomerId", name="Name")


class Emails(Importer):
    model, source, key = ours.EmailAddress, "Customer", ("customer_id", "ordinal")
    scope = "t.customer_id IS NOT NULL"
    fields = (
        Field("customer_id", "CustomerId", find=CUSTOMER),
        Field("ordinal", value=1),
        Field("kind", value="other"),
        Field("address", "Email"),
    )


class Orders(Importer):
    model, source, key = ours.CustomerOrder, "Invoice", ("number",)
    fields = (
        *named(number="InvoiceId", total="Total"),
        Field("customer_id", "CustomerId", find=CUSTOMER),
        Field("ordered_at", "InvoiceDate", read=lambda at: f"{at}Z"),
        Field("status", value="closed"),
    )


class OrderItems(Importer):
    model, source, key = ours.CustomerOrderItem, LINES, ("order_id", "sequence")
    fields = (
        Field("order_id", "InvoiceId", find=Find(ours.CustomerOrder, "number")),
        Field("product_id", "TrackId", find=Find(ours.Product, "item_number")),
        *named(sequence="Line", description="Name", quantity="Quantity", price="UnitPrice"),
    )


class Chinook(FromDatabase):
    """Chinook, a shop for music: artists, tracks, customers and what they bought."""

    key = "chinook"
    importers = (Artists, Genres, Tracks, Customers, Emails, Orders, OrderItems)
