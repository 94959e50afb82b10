# SPDX-License-Identifier: Apache-2.0
"""Every table whose changes are captured says what datasync does with its rows."""

import poser.model
from poser.datasync.declared import synced
from poser.db.base import Model
from poser.model.syncing import NOBODY_ELSE, Flow, Sync

poser.model.load()
CAPTURED = [one for one in Model.metadata.tables.values() if one.info.get("capture", True)]


def test_every_captured_table_is_decided() -> None:
    assert not [one.name for one in CAPTURED if not isinstance(one.info.get("sync"), Sync)]
    others = set(Model.metadata.tables.values()) - set(CAPTURED)
    assert not [one.name for one in others if "sync" in one.info]


def test_what_is_sent_refers_only_to_what_is_sent() -> None:
    """Else a row would be refused for good where what it refers to never comes."""
    sent = synced()
    wrong = []
    for one in sent.values():
        for key in Model.metadata.tables[one.name].foreign_keys:
            target, column = key.column.table.name, key.parent
            is_loose = column.name in one.loose or column.name not in one.columns
            reaches = target in sent and (sent[target].sync.on_cloud or not one.sync.on_cloud)
            if not reaches and not is_loose and not column.nullable:
                wrong.append(f"{one.name}.{column.name} -> {target}")
    assert not wrong


def test_nobody_gains_rights_by_another_nodes_word() -> None:
    """Rights and what proves who somebody is change at the host only."""
    tables = Model.metadata.tables.values()
    flows = {
        one.name: one.info["sync"].flow
        for one in tables
        if one.info.get("rights") and "sync" in one.info
    }
    assert len(flows) > 5
    assert Flow.BOTH not in flows.values()


def test_nodes_have_rows_of_their_own_where_it_says_so() -> None:
    tables = {one.name: one.info["sync"] for one in CAPTURED}
    own = {name: one for name, one in tables.items() if one.has_own_rows}
    assert set(own) == {"users", "user_roles"}
    for one in own.values():
        assert one.flow is Flow.DOWN
        assert NOBODY_ELSE in one.recipients
