# SPDX-License-Identifier: Apache-2.0
"""The web app of a node: pages that shop people use all day, served by Falcon."""
