# SPDX-License-Identifier: Apache-2.0
"""`python -m tempmon_client` is `tempmon-client`."""

import sys

from tempmon_client.cli import main

sys.exit(main())
