# SPDX-License-Identifier: Apache-2.0
"""Reading what a peer sends, as much as is allowed."""

import falcon
import falcon.asgi

LARGEST_BODY = 64 * 1024 * 1024


async def body(req: falcon.asgi.Request) -> bytes:
    """Read all that was sent; raises 413 for too much."""
    data: bytes = await req.stream.read(LARGEST_BODY + 1)
    if len(data) > LARGEST_BODY:
        raise falcon.HTTPContentTooLarge(description=f"at most {LARGEST_BODY} bytes")
    return data
