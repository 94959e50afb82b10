# SPDX-License-Identifier: Apache-2.0
"""Reading and writing records in the formats that people and systems exchange."""
