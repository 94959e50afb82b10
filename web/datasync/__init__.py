# SPDX-License-Identifier: Apache-2.0
"""Whether this node is in step with the others: peers, what waits, conflicts for people."""
