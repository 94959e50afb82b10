# SPDX-License-Identifier: Apache-2.0
"""Label profiles: the kinds of labels that can be printed."""

from poser.model import LabelProfile
from web.resources import Area, Resource, Section

RESOURCES = (
    Resource(
        model=LabelProfile,
        path="/label-profiles",
        title="Label profiles",
        one="label profile",
        many="label profiles",
        icon="printer",
        area=Area.PRODUCTS,
        rank=35,
        about="The kinds of labels that can be printed: their size, their look, their printer.",
        empty="Add one for each size of label that your printers hold.",
        label="description",
        order="ordinal",
        is_small=True,
        search="code description",
        search_hint="Code or description",
        columns=(
            "ordinal",
            "code",
            "description",
            "width_mm",
            "height_mm",
            "format",
            "is_visible",
            "printer",
        ),
        columns_more=("is_synced", "modified_at"),
        sections=(
            Section(
                title="Label",
                fields=("code", "description", "ordinal", "is_visible", "is_synced"),
            ),
            Section(title="Size", fields=("width_mm", "height_mm")),
            Section(title="Printing", fields=("format", "template", "printer", "options")),
        ),
    ),
)
