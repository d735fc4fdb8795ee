"""What fuzz/run and fuzz/long know of the harnesses."""

from pathlib import Path

HERE = Path(__file__).resolve().parent
# Octets of the largest input; what is not here has the first.
LARGEST = {"": 600, "trace": 1024, "law_split": 1024, "pair": 512,
           "stage": 1024, "aead_stream": 512, "ota_stream": 512}


def names_of_all() -> list[str]:
    return sorted(path.stem for path in HERE.glob("*.c") if path.stem not in ("replay", "empty"))


def options(folder: Path, name: str) -> list[str]:
    """Those that a harness has whatever it is run for; its findings go into folder/findings."""
    words = HERE / "dict" / f"{name}.dict"
    return [f"-max_len={LARGEST.get(name, LARGEST[''])}", "-print_final_stats=1", "-verbosity=1",
            f"-artifact_prefix={folder}/findings/{name}-",
            *([f"-dict={words}"] if words.exists() else [])]
