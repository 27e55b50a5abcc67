"""Turns documents into token batches. Stages mix the kinds of conversation as SmolLM3's recipe mixes its sources."""
import random

import torch

import dialogue
from templating import render

# Share of each kind: first copying, then the wide mix, at last the clean demo-like conversations.
STAGES = [{"copy": 0.80, "chat": 0.08, "tool": 0.04, "demo": 0.08},
          {"copy": 0.10, "chat": 0.15, "tool": 0.45, "demo": 0.30},
          {"copy": 0.03, "chat": 0.15, "tool": 0.42, "demo": 0.40}]


class Dataset:
    def __init__(self, tokenizer, seed, other_share=0.15):
        self.tokenizer, self.rng, self.other_share = tokenizer, random.Random(seed), other_share
        ids = tokenizer.ids
        self.start, self.end, self.think = ids["<|im_start|>"], ids["<|im_end|>"], ids["<think>"]
        self.assistant, self.pad = tokenizer.encode("assistant")[0], ids["<|im_end|>"]
        assert len(tokenizer.encode("assistant\n")) == 2

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
            i += 1
        w[0] = 0.0
        return w

    def batches(self, stage, tokens, pool=256):
        """Endless batches of about `tokens` tokens, rows of like length."""
        while True:
            ready = sorted((self.example(stage) for _ in range(pool)), key=lambda e: len(e[0]))
            groups, group = [], []
            for example in ready:
                if group and (len(group) + 1) * len(example[0]) > tokens:
                    groups.append(group)
                    group = []
                group.append(example)
            groups.append(group)
            self.rng.shuffle(groups)
            for group in groups:
                yield self.tensors(group)

    def tensors(self, group):
        t = max(len(ids) for ids, _ in group) - 1
        ids = torch.full((len(group), t), self.pad, dtype=torch.long)
        targets, weights = ids.clone(), torch.zeros(len(group), t)
        for row, (tokens, w) in enumerate(group):
            n = len(tokens) - 1
            ids[row, :n], targets[row, :n] = torch.tensor(tokens[:-1]), torch.tensor(tokens[1:])
            weights[row, :n] = torch.tensor(w[1:])
        return ids, targets, weights
