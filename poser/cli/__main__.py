# SPDX-License-Identifier: Apache-2.0
"""`python -m poser.cli` is the command `poser`."""

from poser.cli import main

main()
