# SPDX-License-Identifier: Apache-2.0
"""The tables of the co-op, one module per subject; their names start with `coop_`."""
