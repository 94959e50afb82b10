# SPDX-License-Identifier: Apache-2.0
"""What the pages of settings show: each value, where it is from, and who changed it."""
