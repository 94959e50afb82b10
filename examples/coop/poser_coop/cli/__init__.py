# SPDX-License-Identifier: Apache-2.0
"""What the co-op adds to the command line."""
