"""Data inside a page, for its scripts.

<script type="application/json" id="data">{{ json(rows) }}</script>
"""

from __future__ import annotations

import json
from typing import Any

from markupsafe import Markup

__all__ = ["json_script"]

ESCAPES = {ord(character): f"\\u{ord(character):04x}" for character in "<>&\u2028\u2029"}
"""`<` could end the script (`</script>`) or change how it is read (`<!--`); the others belong to it."""


def json_script(value: Any) -> Markup:
    """JSON that is the same to `JSON.parse`, and to an HTML parser one run of letters.

    Raises ValueError for NaN and the infinities, which JSON does not have.
    """
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return Markup(text.translate(ESCAPES))  # noqa: S704 - what HTML could read in it is escaped
