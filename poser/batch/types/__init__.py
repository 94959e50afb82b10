# SPDX-License-Identifier: Apache-2.0
"""The types of batch that Poser has itself; each module is found by listing this folder."""
