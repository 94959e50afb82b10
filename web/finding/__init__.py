# SPDX-License-Identifier: Apache-2.0
"""Finding: by one box, among all records and pages that the visitor may see."""
