# SPDX-License-Identifier: Apache-2.0
"""The one declaration of a table's pages: grid, record, forms, API, files, history, rights.

A module of `web/pages` makes a `Resource` of a model and lists it in `RESOURCES`; everything
else follows. See docs/howto/web-pages.md.
"""

from web.menu import Area
from web.resources.resource import Action, Related, Resource, Section, Tab, Verb

__all__ = ["Action", "Area", "Related", "Resource", "Section", "Tab", "Verb"]
