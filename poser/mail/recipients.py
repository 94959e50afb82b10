# SPDX-License-Identifier: Apache-2.0
"""Who gets a mail: addresses, users of this node, or everybody with a user role.

anna@example.com                    an address
Anna Berg <anna@example.com>        the same with a name
user:anna                           a user: the address of the person
role:Buyers                         all active users with the user role
"""

from collections.abc import Iterable, Sequence
from email.errors import MessageError
from email.utils import getaddresses
from typing import TYPE_CHECKING, NoReturn

from poser.errors import PoserError

if TYPE_CHECKING:
    from email.headerregistry import Address

USER, ROLE = "user:", "role:"


class BadRecipient(PoserError, ValueError):  # noqa: N818 - reads as what it is
    """A recipient is neither an address nor a user nor a user role."""


def checked(recipients: Iterable[str]) -> tuple[str, ...]:
    """Return recipients without blanks around them and each once. Raises BadRecipient."""
    words = [one.strip() for one in recipients]
    for one in words:
        if one.startswith((USER, ROLE)):
            if not one.partition(":")[2].strip():
                raise BadRecipient(f"recipient {one!r} names nobody", hint="user:anna, role:Buyers")
        else:
            address(one)
    return tuple(dict.fromkeys(words))


def address(text: str) -> "Address":
    """Read one address, with or without a name. Raises BadRecipient for what is none.

    A name without a domain, such as root, is a mailbox of the machine itself.
    """
    found = getaddresses([text])
    name, spec = found[0] if len(found) == 1 else ("", "")
    if not _is_sound(text.strip(), spec):
        _none(text)
    user, _, domain = spec.rpartition("@")
    # Half a MiB, which a service that queues mails without sending any does not need.
    from email.headerregistry import Address  # noqa: PLC0415

    try:
        return Address(name, user or spec, domain if user else "")
    except (ValueError, IndexError, MessageError):
        _none(text)


def _is_sound(text: str, spec: str) -> bool:
    """Tell whether a text is an address, or a name and an address, and nothing besides."""
    user, at, domain = spec.rpartition("@")
    is_all = text in {spec, f"<{spec}>"} or text.endswith(f" <{spec}>")
    is_word = text.isprintable() and " " not in spec
    return is_all and is_word and bool(domain) and bool(user) == bool(at)


def _none(text: str) -> NoReturn:
    raise BadRecipient(
        f"{text!r} is no address of email", hint="write anna@example.com, user:anna or role:Buyers"
    )


def said(addresses: "Sequence[Address]") -> str:
    """Write addresses as a header has them."""
    return ", ".join(str(one) for one in addresses)
