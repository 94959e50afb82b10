# SPDX-License-Identifier: Apache-2.0
"""What roles share, one subject a module; each module has a function from Host to Part."""
