# SPDX-License-Identifier: Apache-2.0
"""What on this node waits for somebody: counted for the bell on every page, and listed."""
