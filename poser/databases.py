# SPDX-License-Identifier: Apache-2.0
"""The databases that a node has; light, so that the command line can name them at once."""

DATABASES = ("poser", "trainwreck", "tempmon")
"""People and goods; POS transactions; temperatures. There is no second list of them."""
