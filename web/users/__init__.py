# SPDX-License-Identifier: Apache-2.0
"""What the pages of users, their rights and their own account do."""
