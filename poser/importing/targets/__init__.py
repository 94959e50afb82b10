# SPDX-License-Identifier: Apache-2.0
"""What Poser exports to, one module each; found by listing."""
