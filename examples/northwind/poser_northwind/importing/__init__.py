# SPDX-License-Identifier: Apache-2.0
"""Import handlers; each module is found by listing this folder."""
