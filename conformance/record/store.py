"""The files of vectors/recorded: one method a file, one session a line."""

import json
from pathlib import Path

HEAD = ("schema", "kind", "method", "password", "key", "numberOfSessions", "how")


def merge(path: Path, head: dict, recording: dict) -> int:
    """Puts the recording in the file in the place of one with its id, or at the end; returns the
    sessions in the file. The file is whole or as it was."""
    document = json.loads(path.read_text()) if path.exists() else {**head, "recordings": []}
    if (document["method"], document["key"]) != (head["method"], head["key"]):
        raise ValueError(f"{path}: of another method or key")
    recordings = {r["id"]: r for r in document["recordings"]} | {recording["id"]: recording}
    document["recordings"] = list(recordings.values())
    document["numberOfSessions"] = sum(len(r["sessions"]) for r in document["recordings"])
    fresh = path.with_suffix(".new")
    fresh.write_text(text(document))
    fresh.replace(path)
    return document["numberOfSessions"]


def text(document: dict) -> str:
    head = [f'  "{name}": {json.dumps(document[name])},' for name in HEAD]
    recordings = ",\n".join(recording_text(r) for r in document["recordings"])
    return "\n".join(["{", *head, '  "recordings": [', recordings, "  ]", "}"]) + "\n"


def recording_text(recording: dict) -> str:
    head = [f'      "{name}": {json.dumps(value)},'
            for name, value in recording.items() if name != "sessions"]
    sessions = ",\n".join(f"        {json.dumps(s)}" for s in recording["sessions"])
    return "\n".join(["    {", *head, '      "sessions": [', sessions, "      ]", "    }"])
