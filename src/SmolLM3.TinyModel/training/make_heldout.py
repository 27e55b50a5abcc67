"""Writes heldout.jsonl: tool requests with cities and names that training never sees."""
import json
import random
from pathlib import Path

from dialogue import Dialogue, offer_tools
from phrases import LANGUAGES

ITEMS = 400


def item(rng, index):
    language, think = LANGUAGES[index % 6], index // 6 % 2 == 0
    d = Dialogue(rng, language, think, held_out=True)
    tools = offer_tools(rng, rng.choice([1, 1, 2, 2, 3]))
    if rng.random() < 0.15:
        d.chat()
        d.without_old_thoughts()
        d.messages[1]["content"] = d.messages[1]["content"].split("</think>\n")[-1]
    d.tool_exchange(rng.choice(tools), tools, answer=False)
    if rng.random() < (0.6 if think else 0.4):
        d.system()
    return {"messages": d.messages, "tools": [t.schema(rng) for t in tools], "mode": "think" if think else "no_think",
            "language": language, "expected": d.expected}


if __name__ == "__main__":
    rng = random.Random(20_261_123)
    with open(Path(__file__).parent / "heldout.jsonl", "w", encoding="utf-8") as file:
        for i in range(ITEMS):
            file.write(json.dumps(item(rng, i), ensure_ascii=False) + "\n")
