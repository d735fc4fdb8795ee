#!/usr/bin/env python3
"""Each fault seen in the field (../field-faults.md) is named by a case, or stands with its reason in
the table of those without one; and no case names a fault that is not there.

usage: field_faults.py
"""

import pathlib
import re
import sys

ROOM = pathlib.Path(__file__).resolve().parent.parent


def named_by_cases() -> set[int]:
    """Numbers in what the cases say of who was seen to fail them."""
    text = "".join(file.read_text() for file in (ROOM / "cases").glob("*.c"))
    return {int(number) for numbers in re.findall(r"field ([0-9]+(?:, [0-9]+)*)", text)
            for number in numbers.split(", ")}


def main() -> int:
    faults, _, reasons = (ROOM / "field-faults.md").read_text().partition("\n## Without a case\n")
    listed, waived = ({int(number) for number in re.findall(r"^\| ([0-9]+) \| \S", part, re.M)}
                      for part in (faults, reasons))
    named = named_by_cases()
    wrong = [f"fault {n}: neither a case nor a reason" for n in sorted(listed - named - waived)]
    wrong += [f"fault {n}: a case names it, and a reason says why none does"
              for n in sorted(named & waived)]
    wrong += [f"fault {n}: named, but not in the list" for n in sorted((named | waived) - listed)]
    for line in wrong:
        print(line)
    print(f"field faults: {len(listed & named)} with a case, {len(waived)} with a reason, "
          f"{len(wrong)} wrong")
    return 1 if wrong or not listed else 0


if __name__ == "__main__":
    sys.exit(main())
