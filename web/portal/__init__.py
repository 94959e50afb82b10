# SPDX-License-Identifier: Apache-2.0
"""The customers' portal: an app of its own, with accounts, pages and looks of its own."""
