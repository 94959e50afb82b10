# SPDX-License-Identifier: Apache-2.0
"""Other systems are watched: what changes there is found, put down in order, and imported.

`lines` reads the settings, `looking` finds what changed and puts it down in one transaction,
`importing` brings it in through the import handler's importers, `loop` does both again and again.
See docs/decisions/0040-watching-other-systems.md.
"""
