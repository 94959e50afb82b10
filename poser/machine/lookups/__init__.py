# SPDX-License-Identifier: Apache-2.0
"""How facts are found: one module per source, each asked once per look, all at the same time.

A module says which tables of facts it answers (`TABLES`) and how (`look`): that starts whatever
programs it needs and returns a function which waits for them and answers. A new module in this
folder is found by listing it.
"""
