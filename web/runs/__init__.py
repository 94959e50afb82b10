# SPDX-License-Identifier: Apache-2.0
"""What the pages of import runs show: a run, its changes, what it kept aside, as files too."""
