# SPDX-License-Identifier: Apache-2.0
"""The systems that Poser imports from and exports to, one module each; found by listing."""
