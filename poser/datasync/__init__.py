# SPDX-License-Identifier: Apache-2.0
"""Datasync keeps nodes in step: a queue of changes on each, which peers read in order.

`moving` takes what the triggers captured into the queue, `reading` gives a peer its part of it,
`applying` writes what a peer sent. See docs/decisions/0036-datasync.md.
"""
