"""Learns the vocabulary from generated conversations and writes tokenizer.json."""
import random
from pathlib import Path

import dialogue
import tokenizer
from templating import render

VOCAB_SIZE = 2048
HERE = Path(__file__).parent


def corpus(documents=6000, seed=11):
    rng = random.Random(seed)
    for i in range(documents):
        d = dialogue.document(rng, rng.choice(["copy", "chat", "tool", "tool", "demo"]))
        # The default persona is the same each time: seen in full only now and then, so that it does not rule the counts.
        if d["messages"][0]["role"] != "system" and i % 8:
            d["messages"].insert(0, {"role": "system", "content": "Be brief."})
        yield render(d["messages"], d["tools"], d["think"], d["date"])


if __name__ == "__main__":
    texts = list(corpus())
    learnt = tokenizer.train(texts, VOCAB_SIZE)
    learnt.save(HERE / "tokenizer.json")
    sample = texts[3]
    assert learnt.decode(learnt.encode(sample)) == sample
    print(len(learnt.tokens), "tokens;", sum(map(len, texts)) / sum(len(learnt.encode(t)) for t in texts), "characters per token")
