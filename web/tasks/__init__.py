# SPDX-License-Identifier: Apache-2.0
"""What the pages of long work show: how far it is, what came of it, and how to stop it."""
