# SPDX-License-Identifier: Apache-2.0
"""Batches: rows brought together for a person to review, and to execute once.

`make` writes the head of a batch, `populate` or `add_rows` its rows; `complete`, `approve`,
`execute` and `undo` move it on. Which way it may go are rules of the database. A type of batch
is one class (poser.batch.batch_type). See docs/howto/batches.md.
"""
