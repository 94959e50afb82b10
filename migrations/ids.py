# SPDX-License-Identifier: Apache-2.0
"""The function `uuid7()` of a database, for the first revision of each."""

from alembic import op

# The same layout as poser.ids.uuid7: 48 bits of milliseconds, the version, 12 bits of the
# fraction of the millisecond, the variant, 62 random bits (taken from a version 4 UUID).
_UUID7 = """
CREATE FUNCTION uuid7() RETURNS uuid LANGUAGE sql VOLATILE PARALLEL SAFE AS $$
    SELECT encode(
        overlay(
            uuid_send(gen_random_uuid())
            PLACING int8send(
                ((us / 1000) << 16) | (7 << 12) | ((us % 1000) * 4096 / 1000)
            )
            FROM 1 FOR 8
        ),
        'hex')::uuid
    FROM (SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint AS us) AS now
$$
"""
_COMMENT = "COMMENT ON FUNCTION uuid7() IS 'Makes a UUID version 7 (RFC 9562), in order of time.'"


def create_uuid7() -> None:
    """Create the function."""
    op.execute(_UUID7)
    op.execute(_COMMENT)


def drop_uuid7() -> None:
    """Drop it."""
    op.execute("DROP FUNCTION uuid7()")


def keep_uuid7_alone() -> None:
    """Have PostgreSQL not call it in parallel: a volatile function in SQL begins commands."""
    op.execute("ALTER FUNCTION uuid7() PARALLEL UNSAFE")


def let_uuid7_be_parallel() -> None:
    """Undo `keep_uuid7_alone`."""
    op.execute("ALTER FUNCTION uuid7() PARALLEL SAFE")
