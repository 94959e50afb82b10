# SPDX-License-Identifier: Apache-2.0
"""Real Debian machines on this computer: systemd-nspawn over shared disks on a bridge.

`Lab` is the whole of it for others. Below it, `actions` is what root does; everything that is
known of a lab is in /var/lib/poser-lab/ID, and what can be built again is in the cache.
"""

from control.lab.lab import Lab
from control.lab.values import LabMachine, Mirror, State

__all__ = ["Lab", "LabMachine", "Mirror", "State"]
