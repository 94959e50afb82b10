# SPDX-License-Identifier: Apache-2.0
"""Writing to two nodes while things break, and what must hold afterwards."""
