# SPDX-License-Identifier: Apache-2.0
"""Addresses of the API."""

from uuid import UUID

from web.resources import Resource

VERSION = "v1"
ROOT = f"/api/{VERSION}"


def list_path(resource: Resource) -> str:
    """Give the address of all records of a resource, such as /api/v1/vendors."""
    return ROOT + resource.path


def record_path(resource: Resource, key: UUID) -> str:
    """Give the address of one record."""
    return f"{list_path(resource)}/{key}"
