# SPDX-License-Identifier: Apache-2.0
"""Grids: the index page of a table, from one declaration of what it shows."""
