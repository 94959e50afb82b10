# SPDX-License-Identifier: Apache-2.0
"""ARTS/IXRetail POSLog XML: what tills did, read into products and POS transactions.

*Source:* ARTS POSLog schema (IXRetail), versions 2 to 6 where they agree, and the
extensions that NCR ACS writes under `acs:`.
"""
