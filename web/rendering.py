# SPDX-License-Identifier: Apache-2.0
"""Templates: Chameleon, compiled before the workers start, escaping everything.

Three rules, each checked by a test: no `structure:`, every address goes through
`safe_url()`, and nothing is written into a script.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from chameleon import PageTemplate, PageTemplateLoader

from web.urls import safe_url

FOLDER = Path(__file__).parent / "templates"
_BOOLEANS = frozenset(
    {"checked", "disabled", "hidden", "open", "required", "selected", "autofocus"}
)


class Templates:
    """Every template of a folder, ready to render."""

    def __init__(self, folder: Path = FOLDER) -> None:
        loader = PageTemplateLoader(
            [str(folder)],
            auto_reload=False,
            boolean_attributes=_BOOLEANS,
            trim_attribute_space=True,
            enable_data_attributes=False,
        )
        self._pages: dict[str, PageTemplate] = {}
        for path in sorted(folder.glob("*.pt")):
            template = loader[path.name]
            template.cook_check()
            self._pages[path.name] = template

    def __getitem__(self, name: str) -> PageTemplate:
        """Give a template, for others to use its macros."""
        return self._pages[name]

    def render(self, name: str, values: Mapping[str, object]) -> str:
        """Fill the template `name` with `values`."""
        filled: dict[str, Any] = {**values, "safe_url": safe_url}
        text: str = self._pages[name].render(**filled)
        return text
