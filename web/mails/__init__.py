# SPDX-License-Identifier: Apache-2.0
"""What the pages of email types show: settings, previews, and what became of mails."""
