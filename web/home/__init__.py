# SPDX-License-Identifier: Apache-2.0
"""What the first page shows each visitor: work at hand, views they pinned, what is red."""
