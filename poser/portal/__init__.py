# SPDX-License-Identifier: Apache-2.0
"""Customers' own accounts: signing up and in, what they may see and change, their purchases.

Everything is written to this node's database alone; datasync carries customers, people and
members on. No function here commits. See docs/howto/portal.md.
"""
