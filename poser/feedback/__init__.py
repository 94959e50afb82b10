# SPDX-License-Identifier: Apache-2.0
"""What people say about the pages they work with: kept, and mailed to who looks after them."""

from poser.feedback.giving import LONGEST, give

__all__ = ["LONGEST", "give"]
