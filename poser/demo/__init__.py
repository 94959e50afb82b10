# SPDX-License-Identifier: Apache-2.0
"""A believable shop of any size, made up from a seed: `poser demo load`.

See docs/decisions/0017-demo-shop.md and docs/howto/demo-shop.md.
"""
