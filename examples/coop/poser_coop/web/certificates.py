# SPDX-License-Identifier: Apache-2.0
"""Organic certificates: what is certified, by whom, and until when."""

from poser_coop.model.certificates import CoopCertificate
from web.resources import Area, Resource, Section
from web.resources.parts import added

RESOURCES = (
    Resource(
        model=CoopCertificate,
        path="/coop/certificates",
        title="Certificates",
        one="certificate",
        many="certificates",
        icon="leaf",
        area=Area.PRODUCTS,
        rank=60,
        about="Which products are certified organic, by whom, and on which days.",
        empty="Add the first one here, or with `poser coop certify`.",
        label="number",
        order="created_at",
        search="number certifier",
        search_hint="Number or certifier",
        columns=("number", "product_id", "certifier", "valid", added(CoopCertificate)),
        sections=(
            Section(title="Certificate", fields=("product_id", "number", "certifier", "valid")),
            Section(title="Document", fields=("document_name", "document")),
        ),
    ),
)
