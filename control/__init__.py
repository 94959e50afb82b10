# SPDX-License-Identifier: Apache-2.0
"""The control environment: everything that runs on your side of SSH."""
