# SPDX-License-Identifier: Apache-2.0
"""Temperatures: what is watched, what was read, what went wrong; a database of its own."""
