"""Sentences of the six languages; see the .txt files: `key = variant | variant`, `@` parts on from off."""
from pathlib import Path

LANGUAGES = ["en", "fr", "es", "de", "it", "pt"]


def _load(language):
    table = {}
    for line in (Path(__file__).parent / f"{language}.txt").read_text(encoding="utf-8").splitlines():
        key, _, value = line.partition(" = ")
        table[key] = [[v.strip() for v in part.split("|")] for part in value.split("@")]
    return {k: (v[0] if len(v) == 1 else v) for k, v in table.items()}


PHRASES = {language: _load(language) for language in LANGUAGES}
