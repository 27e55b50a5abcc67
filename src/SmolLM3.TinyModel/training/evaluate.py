"""Held-out tool calls, greedy: right tool and every argument exactly equal.

python3 evaluate.py ../smollm3-tiny.gguf [items]
"""
import json
import re
import sys
from collections import defaultdict
from pathlib import Path

import torch

from generate import Generator

CALL = re.compile(r"<tool_call>\s*(.*?)\s*</tool_call>", re.S)


def first_call(text):
    match = CALL.search(text.rsplit("</think>", 1)[-1])
    try:
        return json.loads(match.group(1)) if match else None
    except json.JSONDecodeError:
        return None


def main(path, limit=None):
    torch.set_num_threads(1)
    generator = Generator(path)
    lines = (Path(__file__).parent / "heldout.jsonl").read_text(encoding="utf-8").splitlines()[:limit]
    scores, failures, right_tool = defaultdict(list), [], 0
    for line in lines:
        item = json.loads(line)
        text = generator.complete(item["messages"], item["tools"], item["mode"] == "think")
        call, wanted = first_call(text), item["expected"]
        # JSON true is no number: 1 == True in Python, so the written forms are compared.
        good = call is not None and json.dumps(call, sort_keys=True) == json.dumps(wanted, sort_keys=True)
        right_tool += call is not None and call.get("name") == wanted["name"]
        for key in ("all", item["mode"], item["language"]):
            scores[key].append(good)
        if not good:
            failures.append(f"{item['mode']} {item['language']} {item['messages'][-1]['content']} wanted {wanted} got {text!r}")
    print("\n".join(failures[:40]))
    print("right tool", right_tool, "of", len(lines))
    for key in scores:
        print(f"{key:18} {sum(scores[key])}/{len(scores[key])} = {100 * sum(scores[key]) / len(scores[key]):.1f} %")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else None)
