# SPDX-License-Identifier: Apache-2.0
"""The checks of `poser doctor`, one module each with a value `CHECK`; found by listing."""
