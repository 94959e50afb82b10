# SPDX-License-Identifier: Apache-2.0
"""POS transactions: what the tills did, in a database of its own (`trainwreck`)."""
