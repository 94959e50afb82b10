# SPDX-License-Identifier: Apache-2.0
"""The pages of the co-op, found as Poser's own are."""
