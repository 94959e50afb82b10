# SPDX-License-Identifier: Apache-2.0
"""Runs on the store of the bench: brings changes row by row through the ORM, as a peer of ours.

`orm.py HOST_DSN STORE_DSN` asks the queue of the host's database each second, and for each of its
rows reads the product, merges it into the store's database, commits, and takes the row off the
queue: the loop that back-office systems with an ORM have. It ends when it is killed.
"""

import sys
import time
from functools import partial

import psycopg2
from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session, lazyload

from poser.model import Product

WAIT_S = 1.0
AT_ONCE = 1000

ours, theirs = (
    create_engine("postgresql+psycopg2://", creator=partial(psycopg2.connect, dsn))
    for dsn in sys.argv[1:3]
)
while True:
    with Session(ours) as host:
        found = host.execute(
            text("SELECT n, key FROM changes ORDER BY n LIMIT :most"), {"most": AT_ONCE}
        ).all()
    for n, key in found:
        with Session(ours) as host, Session(theirs) as store:
            product = host.get(Product, key, options=[lazyload("*")])
            if product is None:
                gone = store.get(Product, key, options=[lazyload("*")])
                if gone is not None:
                    store.delete(gone)
            else:
                host.expunge(product)
                store.merge(product, options=[lazyload("*")])
            store.commit()
            host.execute(text("DELETE FROM changes WHERE n = :n"), {"n": n})
            host.commit()
    if not found:
        time.sleep(WAIT_S)
