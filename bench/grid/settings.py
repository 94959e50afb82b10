# SPDX-License-Identifier: Apache-2.0
"""PostgreSQL's settings during the bench: those of a node that decide how quick queries are."""

from roles.parts.postgresql import SETTINGS as OF_A_NODE

_LIKE_A_NODE = ("random_page_cost", "jit", "wal_compression", "max_connections")

SETTINGS = {
    **{name: value for name, value in OF_A_NODE if name in _LIKE_A_NODE},
    # A node takes shares of its memory; here the same for everybody, and enough for the table.
    "shared_buffers": "1GB",
    "effective_cache_size": "3GB",
    "work_mem": "32MB",
    "max_wal_size": "4GB",
    "log_line_prefix": "%a|",
}
