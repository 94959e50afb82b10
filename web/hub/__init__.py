# SPDX-License-Identifier: Apache-2.0
"""The hub: where stores and cloud nodes dial in to be kept in step. Only the host runs it."""
