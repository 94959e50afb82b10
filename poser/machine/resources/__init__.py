# SPDX-License-Identifier: Apache-2.0
"""The kinds of resources, found by listing this folder (see `poser.machine.resource.kinds`)."""
