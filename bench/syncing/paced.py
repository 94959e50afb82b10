# SPDX-License-Identifier: Apache-2.0
"""Runs on a machine of the bench: changes products of a database, one transaction each, in time.

`paced.py DSN MARK COUNT RATE` changes COUNT products, RATE a second (0: as fast as it can), so that
`description_2` of each is MARK; prints the rate that it reached.
"""

import sys
import time
from contextlib import closing

import psycopg2

dsn, mark, count, rate = sys.argv[1], sys.argv[2], int(sys.argv[3]), float(sys.argv[4])
with closing(psycopg2.connect(dsn)) as line, line.cursor() as cursor:
    line.autocommit = True
    cursor.execute("SELECT id FROM products ORDER BY id LIMIT %s", [count])
    keys = [key for (key,) in cursor.fetchall()]
    began = time.monotonic()
    for place, key in enumerate(keys):
        if rate:
            time.sleep(max(0.0, began + place / rate - time.monotonic()))
        cursor.execute("UPDATE products SET description_2 = %s WHERE id = %s", [mark, key])
print(len(keys) / (time.monotonic() - began))
