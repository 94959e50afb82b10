# SPDX-License-Identifier: Apache-2.0
"""`poser user`: who may sign in to the web app of this node."""

import sys

import click

from poser.cli.app import Node, pass_node
from poser.cli.output import write_columns, write_json
from poser.errors import PoserError


@click.group()
def command() -> None:
    """Add and list the people who may sign in.

    \b
    Examples:
      poser user list
      poser user add anna --full-name "Anna Berg" --user-role Administrators
      pwgen 20 1 | poser user add anna --password-stdin
    """  # noqa: D301 - click reads \b as "keep these lines"


@command.command()
@click.argument("name")
@click.option("--full-name", default="", help="Name that others see.")
@click.option(
    "--user-role", "user_roles", multiple=True, help="User role to have; may be repeated."
)
@click.option(
    "--local", "is_local", is_flag=True, help="For this node alone: no other one gets the user."
)
@click.option(
    "--password-stdin",
    is_flag=True,
    help="Read the password from standard input instead of asking for it.",
)
@click.option(
    "--if-missing", is_flag=True, help="Leave a user of this name as it is, without error."
)
@pass_node
def add(
    node: Node,
    name: str,
    full_name: str,
    user_roles: tuple[str, ...],
    *,
    is_local: bool,
    password_stdin: bool,
    if_missing: bool,
) -> None:
    """Add a user who signs in as NAME.

    The password is asked for, or read from standard input; it is never an argument,
    because arguments can be seen by others.
    """
    from poser.auth import add_user  # noqa: PLC0415 - slow
    from poser.auth.choosing import check_chosen  # noqa: PLC0415
    from poser.auth.users import find_user  # noqa: PLC0415
    from poser.db import transaction  # noqa: PLC0415

    password = _read_password() if password_stdin else None
    with transaction(node.engine("poser", command="user add")) as session:
        if if_missing and find_user(session, name):
            click.echo(f"user {name.strip().lower()} is there already; nothing changed")
            return
        if password is None:
            password = _ask_password()
        check_chosen(node.config, password, names=(name, full_name))
        user = add_user(
            session,
            name,
            full_name=full_name,
            user_roles=user_roles,
            password=password,
            is_local=is_local,
        )
        added = user.name
    click.echo(f"user {added} can sign in now")


@command.command("list")
@click.option("--json", "as_json", is_flag=True, help="Write JSON.")
@pass_node
def list_(node: Node, *, as_json: bool) -> None:
    """List the users with their user roles and when they last signed in."""
    from sqlalchemy import select  # noqa: PLC0415 - slow
    from sqlalchemy.orm import selectinload  # noqa: PLC0415

    from poser.db import transaction  # noqa: PLC0415
    from poser.model import User  # noqa: PLC0415

    with transaction(node.engine("poser", command="user list"), read_only=True) as session:
        users = session.scalars(
            select(User).options(selectinload(User.user_roles)).order_by(User.name)
        ).all()
    if as_json:
        write_json(
            [
                {
                    "name": user.name,
                    "full_name": user.full_name,
                    "user_roles": [role.name for role in user.user_roles],
                    "is_active": user.is_active,
                    "is_local": user.is_local,
                    "last_sign_in_at": user.last_sign_in_at and user.last_sign_in_at.isoformat(),
                }
                for user in users
            ]
        )
        return
    head = ("name", "full name", "user roles", "active", "last signed in")
    rows = [
        (
            user.name,
            user.full_name or "-",
            ", ".join(role.name for role in user.user_roles) or "-",
            "yes" if user.is_active else "no",
            f"{user.last_sign_in_at:%Y-%m-%d %H:%M} UTC" if user.last_sign_in_at else "never",
        )
        for user in users
    ]
    write_columns([head, *rows])


def _read_password() -> str:
    password = sys.stdin.readline().removesuffix("\n").removesuffix("\r")
    if not password:
        raise PoserError(
            "no password came on standard input",
            hint="printf '%s\\n' PASSWORD | poser user add NAME --password-stdin",
        )
    return password


def _ask_password() -> str:
    if not sys.stdin.isatty():
        raise PoserError(
            "there is nobody to ask for a password: standard input is no terminal",
            hint="give it there with --password-stdin",
        )
    return str(click.prompt("Password", hide_input=True, confirmation_prompt=True))
