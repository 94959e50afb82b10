# SPDX-License-Identifier: Apache-2.0
"""What a user role may be allowed to do with the co-op's own records."""

from poser.auth import Permission

SEE_EQUITY = Permission("coop_equity.view", "See the shares of members and what is paid of them")
EDIT_EQUITY = Permission("coop_equity.edit", "Note that members buy or return shares")
SEE_CERTIFICATES = Permission("coop_certificates.view", "See organic certificates of products")
EDIT_CERTIFICATES = Permission(
    "coop_certificates.edit", "Add and correct organic certificates of products"
)
