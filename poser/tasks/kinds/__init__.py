# SPDX-License-Identifier: Apache-2.0
"""The kinds of work, one module a subject; its `WORK` names what it can do."""
