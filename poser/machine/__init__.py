# SPDX-License-Identifier: Apache-2.0
"""The resource kit: what a machine should be, what it is, and the way from one to the other.

Standard library only: the kit is packed into a small archive (`pack`), sent over one SSH
channel (`wire`) and run on the machine it changes (`agent`).
"""
