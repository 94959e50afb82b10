# SPDX-License-Identifier: Apache-2.0
"""What the pages of batches show: rows to review, and what executing them does."""
