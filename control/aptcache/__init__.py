# SPDX-License-Identifier: Apache-2.0
"""A small cache between the lab's machines and the Debian mirror, standard library only.

Machines ask it over plain http as their proxy; it asks the mirror over http or https. Only hosts
that it was started with are asked. Packages and files named after their content ("by-hash") are
kept for ever, all others are asked for again each time. Several machines that want one file at
the same time share one download, and a download that broke off is never served as a whole.
"""
