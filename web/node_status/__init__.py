# SPDX-License-Identifier: Apache-2.0
"""How this node is: what `poser doctor` finds, which release runs, what failed last."""
