# SPDX-License-Identifier: Apache-2.0
"""The portal's pages, one module for each subject."""
