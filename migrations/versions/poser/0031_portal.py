# SPDX-License-Identifier: Apache-2.0
"""Customers' accounts on the portal, their home stores, and memberships offered there."""

from alembic import op

from migrations.recording import record
from migrations.tables import (
    CREATED_AT,
    KEY,
    MODIFIED_AT,
    check,
    column,
    create_table,
    drop_columns,
    drop_tables,
    extend_table,
    index,
    references,
    unique,
)

revision = "poser_0031"
down_revision = "poser_0030"
branch_labels = None
depends_on = None
# pre: before the new code, and the previous release still runs on it; post: after it.
phase = "pre"

_HASH_SIZE = check(
    "token_sha256", "octet_length(token_sha256) = 32", "A token's SHA-256 has 32 bytes."
)
_REFERENCE = references("account_id", "portal_accounts (id)", "ON DELETE CASCADE")


def upgrade() -> None:
    """Make them."""
    extend_table(
        "customers",
        column("home_store_id", "uuid", "The store where they usually shop."),
        references("home_store_id", "stores (id)", "ON DELETE SET NULL"),
        index("home_store_id"),
    )
    record("customers")
    extend_table(
        "membership_types",
        column(
            "is_offered_online",
            "boolean DEFAULT false NOT NULL",
            "Customers may ask for it on the portal.",
        ),
    )
    record("membership_types")
    _create_accounts()
    _create_sessions()
    _create_tokens()
    _create_events()
    op.execute(
        "CREATE TRIGGER stay_without_rights BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE"
        " ON portal_accounts FOR EACH STATEMENT EXECUTE FUNCTION stay_without_rights()"
    )


def downgrade() -> None:
    """Take them away."""
    drop_tables("portal_events", "portal_tokens", "portal_sessions", "portal_accounts")
    drop_columns("membership_types", "is_offered_online")
    record("membership_types")
    drop_columns("customers", "home_store_id")
    record("customers")


def _create_accounts() -> None:
    create_table(
        "portal_accounts",
        "Customers' accounts on the portal.",
        KEY,
        column("address", "text NOT NULL", "Email address to sign in with; lower case."),
        column("customer_id", "uuid", "The customer whose account it is."),
        column("person_id", "uuid", "The person who signs in."),
        column(
            "password_hash",
            "text",
            "Argon2id hash with its parameters and salt; empty until confirmed.",
        ),
        column("asked", "jsonb DEFAULT '{}' NOT NULL", "What was typed to sign up."),
        column("consented_at", "timestamptz NOT NULL", "When the terms were agreed to (UTC)."),
        column("confirmed_at", "timestamptz", "When the address was shown to be theirs (UTC)."),
        column(
            "is_locked",
            "boolean DEFAULT false NOT NULL",
            "May not sign in, by the staff's decision.",
        ),
        column("last_sign_in_at", "timestamptz", "When they last signed in (UTC)."),
        CREATED_AT,
        MODIFIED_AT,
        unique("address", deferrable=False),
        unique("customer_id", deferrable=False),
        check(
            "address",
            r"address ~ '^[^@\s]+@[^@\s]+$' AND address = lower(address)",
            "An email address is a name, one @ and a domain, in lower case; not {address}.",
        ),
        check(
            "confirmed_at",
            "num_nonnulls(confirmed_at, customer_id, person_id, password_hash) IN (0, 4)",
            "A confirmed account has a customer, a person and a password; no other has any.",
        ),
        references("customer_id", "customers (id)", "ON DELETE CASCADE"),
        references("person_id", "people (id)", "ON DELETE CASCADE"),
        index("person_id"),
    )


def _create_sessions() -> None:
    create_table(
        "portal_sessions",
        "Browsers that are signed in to the portal.",
        KEY,
        column("token_sha256", "bytea NOT NULL", "SHA-256 of the token in the browser's cookie."),
        column("account_id", "uuid NOT NULL", "Whose browser it is."),
        column("created_at", "timestamptz NOT NULL", "When it began (UTC)."),
        column(
            "seen_at", "timestamptz NOT NULL", "When it was last used (UTC), to within a minute."
        ),
        column("expires_at", "timestamptz NOT NULL", "When it ends however much it is used (UTC)."),
        column("address", "inet", "Where it was opened from."),
        column(
            "user_agent", "text DEFAULT '' NOT NULL", "What the browser calls itself; cut at 400."
        ),
        unique("token_sha256", deferrable=False),
        _HASH_SIZE,
        check("expires_at", "expires_at > created_at", "A session ends after it began."),
        _REFERENCE,
        index("account_id"),
        index("expires_at"),
    )


def _create_tokens() -> None:
    create_table(
        "portal_tokens",
        "Links that were mailed to customers.",
        KEY,
        column("token_sha256", "bytea NOT NULL", "SHA-256 of the token in the link."),
        column("account_id", "uuid NOT NULL", "Whose account it is."),
        column("kind", "text NOT NULL", "confirm, password or address."),
        column("address", "text NOT NULL", "The address it was mailed to."),
        column("created_at", "timestamptz NOT NULL", "When it was made (UTC)."),
        column("expires_at", "timestamptz NOT NULL", "When it ends (UTC)."),
        unique("token_sha256", deferrable=False),
        check(
            "kind",
            "kind IN ('confirm', 'password', 'address')",
            "Kind is confirm, password, address; not {kind}.",
        ),
        _HASH_SIZE,
        _REFERENCE,
        index("account_id"),
        index("expires_at"),
    )


def _create_events() -> None:
    kinds = (
        "signed_in", "signed_out", "wrong_password", "unknown_user", "inactive_user",
        "throttled", "password_changed", "asked_for_mail", "confirmed",
    )  # fmt: skip
    listed = ", ".join(f"'{kind}'" for kind in kinds)
    create_table(
        "portal_events",
        "Who came to the portal's door, and what happened.",
        KEY,
        column("name", "text NOT NULL", "The address as typed, lower case, cut at 100."),
        column("kind", "text NOT NULL", "What happened; see PortalEventKind."),
        column("address", "inet", "Where it came from."),
        column("at", "timestamptz NOT NULL", "When it happened (UTC)."),
        check("kind", f"kind IN ({listed})", f"Kind is {', '.join(kinds)}; not {{kind}}."),
        index("name, at"),
        index("address, at"),
    )
