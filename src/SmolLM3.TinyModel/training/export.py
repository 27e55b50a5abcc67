"""Writes a checkpoint as a GGUF file that llama.cpp and SmolLM3.Extensions read, and reads such a file back.

python3 export.py run/checkpoint.pt ../smollm3-tiny.gguf
"""
import sys
from pathlib import Path

import torch

import gguf
from model import Config, SmolLM3
from templating import TEMPLATE_TEXT
from tokenizer import SPECIAL, Tokenizer

HERE = Path(__file__).parent
NORMAL, CONTROL, USER_DEFINED = 1, 3, 4


def token_types(tokenizer):
    return [(CONTROL if t.startswith("<|") else USER_DEFINED) if t in SPECIAL else NORMAL for t in tokenizer.tokens]


def metadata(config, tokenizer):
    g, ids = gguf, tokenizer.ids
    return [
        ("general.architecture", g.STRING, "smollm3"),
        ("general.name", g.STRING, "SmolLM3-Tiny"),
        ("general.description", g.STRING, "A very small test model of the SmolLM3 architecture, trained from scratch on synthetic dialogues"),
        ("general.license", g.STRING, "apache-2.0"),
        ("general.languages", (g.ARRAY, g.STRING), ["en", "fr", "es", "de", "it", "pt"]),
        ("general.file_type", g.U32, 7),
        ("general.quantization_version", g.U32, 2),
        ("smollm3.block_count", g.U32, config.layers),
        ("smollm3.context_length", g.U32, config.context),
        ("smollm3.embedding_length", g.U32, config.hidden),
        ("smollm3.feed_forward_length", g.U32, config.ffn),
        ("smollm3.attention.head_count", g.U32, config.heads),
        ("smollm3.attention.head_count_kv", g.U32, config.kv_heads),
        ("smollm3.rope.freq_base", g.F32, config.rope_base),
        ("smollm3.rope.dimension_count", g.U32, config.head_dim),
        ("smollm3.attention.layer_norm_rms_epsilon", g.F32, config.eps),
        ("smollm3.vocab_size", g.U32, config.vocab),
        ("tokenizer.ggml.model", g.STRING, "gpt2"),
        ("tokenizer.ggml.pre", g.STRING, "smaug-bpe"),
        ("tokenizer.ggml.tokens", (g.ARRAY, g.STRING), tokenizer.tokens),
        ("tokenizer.ggml.token_type", (g.ARRAY, g.I32), token_types(tokenizer)),
        ("tokenizer.ggml.merges", (g.ARRAY, g.STRING), [f"{a} {b}" for a, b in tokenizer.merges]),
        ("tokenizer.ggml.bos_token_id", g.U32, ids["<|begin_of_text|>"]),
        ("tokenizer.ggml.eos_token_id", g.U32, ids["<|im_end|>"]),
        ("tokenizer.ggml.padding_token_id", g.U32, ids["<|im_end|>"]),
        ("tokenizer.chat_template", g.STRING, TEMPLATE_TEXT),
    ]


def parts(config):
    """(GGUF name, parameter, first row, last row): fused matrices are cut into the parts that GGUF names."""
    kv = config.kv_heads * config.head_dim
    h, f = config.hidden, config.ffn
    yield "token_embd.weight", "embed.weight", 0, config.vocab
    for i in range(config.layers):
        b, p = f"blk.{i}.", f"blocks.{i}."
        yield b + "attn_norm.weight", p + "attn_norm.weight", 0, h
        yield b + "attn_q.weight", p + "qkv.weight", 0, h
        yield b + "attn_k.weight", p + "qkv.weight", h, h + kv
        yield b + "attn_v.weight", p + "qkv.weight", h + kv, h + 2 * kv
        yield b + "attn_output.weight", p + "out.weight", 0, h
        yield b + "ffn_norm.weight", p + "ffn_norm.weight", 0, h
        yield b + "ffn_gate.weight", p + "gate_up.weight", 0, f
        yield b + "ffn_up.weight", p + "gate_up.weight", f, 2 * f
        yield b + "ffn_down.weight", p + "down.weight", 0, h
    yield "output_norm.weight", "norm.weight", 0, h


def export(checkpoint, target):
    state = torch.load(checkpoint, map_location="cpu")
    config, weights = Config(**state["config"]), state["average"]
    tensors = []
    for name, parameter, first, last in parts(config):
        array = weights[parameter][first:last].float().numpy()
        tensors.append((name, array, gguf.TYPE_Q8_0 if array.ndim == 2 else gguf.TYPE_F32))
    gguf.write(target, metadata(config, Tokenizer.load(HERE / "tokenizer.json")), tensors)


def load(path):
    """(model, tokenizer) from a GGUF file, weights dequantized."""
    reader = gguf.Reader(path)
    m = reader.metadata
    config = Config(m["smollm3.vocab_size"], m["smollm3.embedding_length"], m["smollm3.block_count"],
                    m["smollm3.attention.head_count"], m["smollm3.attention.head_count_kv"],
                    m["smollm3.feed_forward_length"], m["smollm3.rope.freq_base"],
                    m["smollm3.attention.layer_norm_rms_epsilon"], m["smollm3.context_length"])
    model = SmolLM3(config)
    weights = model.state_dict()
    for name, parameter, first, last in parts(config):
        weights[parameter][first:last] = torch.from_numpy(reader.tensors[name])
    tokenizer = Tokenizer([merge.split(" ") for merge in m["tokenizer.ggml.merges"]])
    assert tokenizer.tokens == m["tokenizer.ggml.tokens"]
    return model.eval(), tokenizer


if __name__ == "__main__":
    export(sys.argv[1], sys.argv[2])
    print(sys.argv[2], Path(sys.argv[2]).stat().st_size, "bytes")
