# SPDX-License-Identifier: Apache-2.0
"""Help: what each page is for, what its fields mean, and what the retailer says about them."""
