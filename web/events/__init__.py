# SPDX-License-Identifier: Apache-2.0
"""Telling open pages what changes: a small ASGI app of its own, so that pages keep their threads.

It listens once at PostgreSQL and fans out. It sends no data but that something changed; the
page then fetches the part that it shows, with all its rights, from the web app.
"""
