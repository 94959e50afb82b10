# SPDX-License-Identifier: Apache-2.0
"""One module for each word behind `poser`; each has a click command called `command`."""
