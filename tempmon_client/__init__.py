# SPDX-License-Identifier: Apache-2.0
"""The temperature probe: reads 1-Wire sensors, keeps what they say, brings it to a node."""

__version__ = "0.1.0"
