# SPDX-License-Identifier: Apache-2.0
"""A food co-op on Poser: what members have paid in, and what is certified organic."""
