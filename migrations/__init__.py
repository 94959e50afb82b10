# SPDX-License-Identifier: Apache-2.0
"""The history of the databases' schemas, one folder of revisions for each database.

Run by `poser db upgrade` (see poser.db.migrations), never by hand.
"""
