# SPDX-License-Identifier: Apache-2.0
"""Adding organic certificates, and finding those that end soon. No function here commits."""

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from poser.errors import PoserError
from poser.model import Product
from poser.model.lookup import products_by_code
from poser_coop.model.certificates import CoopCertificate

_OVERLAP = "ex_coop_certificates_no_overlap"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """A certificate that ends soon or has ended, of a product that has no later one.

    `last_day` is the last day on which it holds; `days_left` is negative when that is past.
    """

    product: str
    number: str
    certifier: str
    last_day: date
    days_left: int


def certify(
    session: Session,
    code: str,
    *,
    number: str,
    certifier: str,
    first_day: date,
    last_day: date,
    document: tuple[str, bytes] | None = None,
) -> CoopCertificate:
    """Give a product a certificate that holds from `first_day` to `last_day`, both included.

    `code` is what a scanner reads: a GTIN, a PLU or another code; `document` the name and
    content of a file. Raises PoserError for a code that finds no product or several, days in
    the wrong order, and a product that is certified on one of these days already.
    """
    product = _product(session, code)
    called = product.description  # cannot be read any more once something was refused
    if last_day < first_day:
        raise PoserError(
            f"a certificate cannot hold from {first_day} to {last_day}",
            hint="the last day comes after the first",
        )
    name, content = document or ("", None)
    made = CoopCertificate(
        product_id=product.id,
        number=number.strip(),
        certifier=certifier.strip(),
        valid=Range(first_day, last_day + timedelta(days=1)),
        document_name=name,
        document=content,
    )
    session.add(made)
    try:
        session.flush()
    except IntegrityError as error:
        raise _refused(error, called, first_day, last_day) from error
    return made


def ending(session: Session, today: date, days: int) -> list[Ending]:
    """List the certificates that end within `days` of `today`, and those that have ended.

    The earliest end comes first. A product that has a later certificate is left out.
    """
    last = func.max(func.upper(CoopCertificate.valid)).label("last")
    newest = select(CoopCertificate.product_id, last).group_by(CoopCertificate.product_id)
    of = newest.subquery()
    rows = session.execute(
        select(CoopCertificate, Product.description)
        .join(of, of.c.product_id == CoopCertificate.product_id)
        .join(Product, Product.id == CoopCertificate.product_id)
        .where(func.upper(CoopCertificate.valid) == of.c.last)
        .where(of.c.last <= today + timedelta(days=days + 1))
        .order_by(of.c.last, Product.description)
    )
    return [_ending(certificate, description, today) for certificate, description in rows]


def read_document(path: Path, largest_mib: int) -> tuple[str, bytes]:
    """Read the file of a certificate. Raises PoserError if it is missing or too large."""
    try:
        if path.stat().st_size > largest_mib << 20:
            raise PoserError(
                f"{path} is larger than {largest_mib} MiB",
                hint="coop.largest_document_mib says how large a document may be",
            )
        return path.name, path.read_bytes()
    except OSError as error:
        raise PoserError(f"cannot read {path}: {error.strerror}") from error


def _product(session: Session, code: str) -> Product:
    found = products_by_code(session, code)
    if len(found) != 1:
        many = ", ".join(product.description for product in found)
        raise PoserError(
            f"{code!r} finds {len(found) or 'no'} products" + (f": {many}" if many else ""),
            hint="write the whole GTIN of the product, with its check digit",
        )
    return found[0]


def _ending(certificate: CoopCertificate, description: str, today: date) -> Ending:
    after = certificate.valid.upper
    if after is None:
        raise ValueError(f"certificate {certificate.id} has no end")  # the table refuses that
    last_day = after - timedelta(days=1)
    return Ending(
        product=description,
        number=certificate.number,
        certifier=certificate.certifier,
        last_day=last_day,
        days_left=(last_day - today).days,
    )


def _refused(error: IntegrityError, product: str, first_day: date, last_day: date) -> PoserError:
    constraint = getattr(getattr(error.orig, "diag", None), "constraint_name", "")
    if constraint == _OVERLAP:
        return PoserError(
            f"{product} has a certificate between {first_day} and {last_day} already",
            hint="two certificates of a product cannot hold on the same day",
        )
    words = " ".join(str(error.orig).split())
    return PoserError(f"the certificate of {product} was refused: {words}")
