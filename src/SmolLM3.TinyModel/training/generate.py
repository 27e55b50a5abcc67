"""Text generation from the exported GGUF file (weights dequantized), with a KV cache.

python3 generate.py ../smollm3-tiny.gguf "What is the weather in Lisbon?" [--no-think]
"""
import sys

import torch

import export
from templating import render


class Generator:
    def __init__(self, path):
        self.model, self.tokenizer = export.load(path)
        self.end = self.tokenizer.ids["<|im_end|>"]

    def complete(self, messages, tools=None, think=True, temperature=0.0, top_p=0.95, limit=200, date="23 November 2026"):
        ids = self.tokenizer.encode(render(messages, tools, think, date, add_generation_prompt=True))
        caches, made = [[] for _ in self.model.blocks], []
        logits = self.model.step(ids, caches, 0)
        while len(made) < limit:
            token = int(logits.argmax()) if temperature == 0 else self._sample(logits, temperature, top_p)
            if token == self.end:
                break
            made.append(token)
            logits = self.model.step([token], caches, len(ids) + len(made) - 1)
        return self.tokenizer.decode(made)

    @staticmethod
    def _sample(logits, temperature, top_p):
        p, order = (logits / temperature).softmax(-1).sort(descending=True)
        p[p.cumsum(0) - p > top_p] = 0
        return int(order[torch.multinomial(p, 1)])


if __name__ == "__main__":
    city = {"type": "object", "properties": {"city": {"description": "The city.", "type": "string"}}, "required": ["city"]}
    tools = [{"name": "GetWeather", "description": "Gets the weather of a city.", "parameters": city},
             {"name": "GetTime", "description": "Gets the current time in a city.", "parameters": city}]
    print(Generator(sys.argv[1]).complete([{"role": "user", "content": sys.argv[2]}], tools, "--no-think" not in sys.argv))
