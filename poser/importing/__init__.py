# SPDX-License-Identifier: Apache-2.0
"""Bringing data in from other systems: idempotent, streaming, refusals kept aside."""
