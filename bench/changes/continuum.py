# SPDX-License-Identifier: Apache-2.0
"""Changes products through SQLAlchemy's ORM, with SQLAlchemy-Continuum or without.

Runs in the environment of the peers:
`python -m bench.changes.continuum URL continuum|plain NUMBER_OF_PRODUCTS`.
The class is read from the table, so both have our columns; Continuum keeps its versions in
a table of its own (`products_version`), made on the first run.
"""

import json
import sys
import time
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Column, Engine, Table, create_engine, inspect, select
from sqlalchemy.orm import DeclarativeBase, Session, configure_mappers


def product_class(engine: Engine, *, is_versioned: bool) -> Any:  # noqa: ANN401 - made at run time
    """Make a mapped class of the table's own columns; the generated one is left out."""

    class Model(DeclarativeBase):
        pass

    columns = [
        Column(found["name"], found["type"], primary_key=found["name"] == "id")
        for found in inspect(engine).get_columns("products")
        if "computed" not in found
    ]
    content: dict[str, Any] = {"__table__": Table("products", Model.metadata, *columns)}
    if is_versioned:
        content["__versioned__"] = {}
    made = type("Product", (Model,), content)
    configure_mappers()
    Model.metadata.create_all(engine)
    return made


def main() -> None:
    """Change that many products and commit; write the seconds as JSON."""
    url, how, count = sys.argv[1:]
    engine = create_engine(url)
    if how == "continuum":
        from sqlalchemy_continuum import make_versioned  # noqa: PLC0415 - patches SQLAlchemy

        make_versioned(user_cls=None)
    product = product_class(engine, is_versioned=how == "continuum")
    with Session(engine) as session:
        began = time.monotonic()
        now = datetime.now(UTC)
        for one in session.scalars(select(product).limit(int(count))).all():
            one.is_discontinued = not one.is_discontinued
            one.modified_at = now
        session.commit()
        print(json.dumps({"seconds": time.monotonic() - began}))


if __name__ == "__main__":
    main()
