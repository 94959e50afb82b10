# SPDX-License-Identifier: Apache-2.0
"""Characters that XML cannot hold or changes, as workbooks write them: `_x000D_`.

*Source:* ECMA-376, part 1, 22.4.2.4 (bstr).
"""

import re

_WRITTEN = re.compile("_x([0-9A-Fa-f]{4})_")
_UNWRITABLE = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff]")


def escaped(text: str) -> str:
    """Write a text so that a workbook keeps it: a carriage return, too."""
    if "_x" in text:
        text = _WRITTEN.sub(lambda found: f"_x005F{found[0]}", text)
    return _UNWRITABLE.sub(lambda found: f"_x{ord(found[0]):04X}_", text)


def unescaped(text: str) -> str:
    """Read a text as it was before it was written."""
    return _WRITTEN.sub(lambda found: chr(int(found[1], 16)), text) if "_x" in text else text
