# SPDX-License-Identifier: Apache-2.0
"""Chinook, a shop for music, as a system that Poser imports from."""
