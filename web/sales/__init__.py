# SPDX-License-Identifier: Apache-2.0
"""The dashboard of sales: one day beside the same weekday of the week before."""
