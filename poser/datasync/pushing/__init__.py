# SPDX-License-Identifier: Apache-2.0
"""Other systems are kept up to date from here: when tables change, all rows are brought there.

`lines` reads the settings, `bringing` says what brings the rows, `turns` does it when it is time.
See docs/decisions/0040-watching-other-systems.md.
"""
