"""Turns documents into token batches. Stages mix the kinds of conversation as SmolLM3's recipe mixes its sources."""
import random
from collections import defaultdict

import torch

import dialogue
from templating import render

# Share of each kind: first copying, then the wide mix, at last the clean demo-like conversations.
STAGES = [{"copy": 0.80, "chat": 0.08, "tool": 0.04, "demo": 0.08},
          {"copy": 0.02, "chat": 0.08, "math": 0.30, "drill": 0.30, "tool": 0.10, "demo": 0.20},
          {"copy": 0.04, "chat": 0.10, "math": 0.06, "drill": 0.45, "tool": 0.13, "demo": 0.22}]

STRESS = 4.0


class Dataset:
    def __init__(self, tokenizer, seed, other_share=0.06):
        self.tokenizer, self.rng, self.other_share = tokenizer, random.Random(seed), other_share
        ids = tokenizer.ids
        self.start, self.end, self.think = ids["<|im_start|>"], ids["<|im_end|>"], ids["<think>"]
        self.assistant, self.pad = tokenizer.encode("assistant")[0], ids["<|im_end|>"]
        assert len(tokenizer.encode("assistant\n")) == 2
        self.before = [tokenizer.encode('{"name": "'), tokenizer.encode(' I call "'), tokenizer.encode(" =")]
        self.stops = {tokenizer.encode(text)[0] for text in ('",', '"', '".', '".\n', ".", ".\n")}

    def example(self, stage):
        kinds = STAGES[stage]
        kind = self.rng.choices(list(kinds), kinds.values())[0]
        d = dialogue.document(self.rng, kind)
        ids = self.tokenizer.encode(render(d["messages"], d["tools"], d["think"], d["date"]))
        return ids, self.weights(ids, d["think"])

    def weights(self, ids, think):
        """1 for what the assistant writes (its <|im_end|> too), and for a random few of the other tokens."""
        w = [1.0 if self.rng.random() < self.other_share else 0.0 for _ in ids]
        i = 0
        while i < len(ids):
            if ids[i] == self.start and ids[i + 1] == self.assistant:
                first = i + 3
                i = ids.index(self.end, first)
                # An old turn whose thought was dropped is no example of how to answer in think mode.
                value = 1.0 if not think or ids[first] == self.think else 0.0
                w[first:i + 1] = [value] * (i + 1 - first)
                self.stress(ids, w, first, i)
            i += 1
        w[0] = 0.0
        return w

    def stress(self, ids, w, first, last):
        """The choice of a tool and the result of a sum are few tokens among many easy ones: they count more."""
        for lead in self.before:
            n = len(lead)
            for at in range(first + n, last):
                if ids[at - n:at] == lead:
                    while at < last and ids[at] not in self.stops:
                        w[at] *= STRESS
                        at += 1

    def batches(self, stage, tokens):
        """Endless batches of about `tokens` tokens. Rows of like length go together and only few different shapes
        come out, as the CPU kernels are compiled anew for each shape."""
        waiting = defaultdict(list)
        while True:
            example = self.example(stage)
            n = len(example[0]) - 1
            width = -(-n // 32) * 32 if n <= 256 else -(-n // 64) * 64
            group = waiting[width]
            group.append(example)
            if len(group) == max(1, tokens // width):
                yield self.tensors(group, width)
                group.clear()

    def tensors(self, group, t):
        ids = torch.full((len(group), t), self.pad, dtype=torch.long)
        targets, weights = ids.clone(), torch.zeros(len(group), t)
        for row, (tokens, w) in enumerate(group):
            n = len(tokens) - 1
            ids[row, :n], targets[row, :n] = torch.tensor(tokens[:-1]), torch.tensor(tokens[1:])
            weights[row, :n] = torch.tensor(w[1:])
        return ids, targets, weights
