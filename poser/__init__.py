# SPDX-License-Identifier: Apache-2.0
"""The node software of Poser: what runs on every machine that has a database."""

__version__ = "0.1.0"
