# SPDX-License-Identifier: Apache-2.0
"""The permissions of the pages of batches, each in people's words."""

from web.permissions import Permission

EDIT = Permission("batches.edit", "Change the rows of batches, take some out, freeze and reopen")
EXECUTE = Permission("batches.execute", "Execute batches")
APPROVE = Permission("batches.approve", "Approve batches that others made")
UNDO = Permission("batches.undo", "Take back what executing a batch did")
DELETE = Permission("batches.delete", "Delete batches")
