# SPDX-License-Identifier: Apache-2.0
"""Northwind, a food wholesaler, as a system that Poser imports from."""
