# SPDX-License-Identifier: Apache-2.0
"""Pages of single records that show more than a grid's columns."""
