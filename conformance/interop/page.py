"""index.html: the result and the page that shows it, in one file."""

import json
from pathlib import Path

PAGE = Path(__file__).resolve().parent / "page.html"


def made(doc: dict) -> str:
    data = json.dumps(doc, ensure_ascii=True, separators=(",", ":")).replace("<", "\\u003c")
    return PAGE.read_text().replace("@DATA@", data)
