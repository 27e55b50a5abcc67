"""Sentences of the six languages; see the .txt files: `key = variant | variant`."""
from pathlib import Path

LANGUAGES = ["en", "fr", "es", "de", "it", "pt"]


def _load(language):
    table = {}
    for line in (Path(__file__).parent / f"{language}.txt").read_text(encoding="utf-8").splitlines():
        key, _, value = line.partition(" = ")
        table[key] = [variant.strip() for variant in value.split("|")]
    return table


PHRASES = {language: _load(language) for language in LANGUAGES}
