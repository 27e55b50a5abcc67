"""SmolLM3 block in PyTorch: GQA, interleaved RoPE on three of four layers, RMSNorm, SwiGLU, tied head, no biases."""
import math
from dataclasses import asdict, dataclass

import torch
import torch.nn.functional as F
from torch import nn


@dataclass
class Config:
    vocab: int = 2048
    hidden: int = 128
    layers: int = 8
    heads: int = 4
    kv_heads: int = 2
    ffn: int = 384
    rope_base: float = 10000.0
    eps: float = 1e-6
    context: int = 4096

    @property
    def head_dim(self):
        return self.hidden // self.heads

    def uses_rope(self, layer):
        return (layer + 1) % 4 != 0

    def to_dict(self):
        return asdict(self)


def rope_tables(config, positions):
    d = config.head_dim
    angles = positions.float()[:, None] * config.rope_base ** (-torch.arange(0, d, 2).float() / d)
    return angles.cos(), angles.sin()


class _Rope(torch.autograd.Function):
    """Rotates pairs (x0,x1), (x2,x3), ...; x: [B, T, heads, head_dim]."""

    @staticmethod
    def turn(x, cos, sin):
        even, odd = x[..., 0::2], x[..., 1::2]
        return torch.stack((even * cos - odd * sin, even * sin + odd * cos), -1).flatten(-2)

    @staticmethod
    def forward(ctx, x, cos, sin):
        ctx.save_for_backward(cos, sin)
        return _Rope.turn(x, cos, sin)

    @staticmethod
    def backward(ctx, grad):
        cos, sin = ctx.saved_tensors
        return _Rope.turn(grad, cos, -sin), None, None


def apply_rope(x, cos, sin):
    return _Rope.apply(x, cos[:, None, :], sin[:, None, :])


class RMSNorm(nn.Module):
    def __init__(self, size, eps):
        super().__init__()
        self.weight, self.eps = nn.Parameter(torch.ones(size)), eps

    def forward(self, x):
        return x * torch.rsqrt(x.square().mean(-1, keepdim=True) + self.eps) * self.weight


class Block(nn.Module):
    def __init__(self, config, layer):
        super().__init__()
        self.c, self.rope = config, config.uses_rope(layer)
        kv = config.kv_heads * config.head_dim
        self.attn_norm, self.ffn_norm = RMSNorm(config.hidden, config.eps), RMSNorm(config.hidden, config.eps)
        self.qkv = nn.Linear(config.hidden, config.hidden + 2 * kv, bias=False)
        self.out = nn.Linear(config.hidden, config.hidden, bias=False)
        self.gate_up = nn.Linear(config.hidden, 2 * config.ffn, bias=False)
        self.down = nn.Linear(config.ffn, config.hidden, bias=False)

    def split(self, x, cos, sin):
        """q [B, kv, group, T, d], k and v [B, kv, T, d]"""
        c, (b, t, _) = self.c, x.shape
        y = self.qkv(self.attn_norm(x)).view(b, t, c.heads + 2 * c.kv_heads, c.head_dim)
        qk, v = y[:, :, :c.heads + c.kv_heads], y[:, :, c.heads + c.kv_heads:]
        if self.rope:
            qk = apply_rope(qk, cos, sin)
        qk = qk.transpose(1, 2)
        q = qk[:, :c.heads].reshape(b, c.kv_heads, c.heads // c.kv_heads, t, c.head_dim)
        return q, qk[:, c.heads:], v.transpose(1, 2)

    def attend(self, q, k, v, past=0, block=128):
        """Causal attention by blocks of queries, each against only the keys that it may see."""
        c = self.c
        b, kv, g, t, d = q.shape
        s = k.shape[2]
        q, k, v = q.reshape(b * kv, g, t, d) / math.sqrt(d), k.reshape(b * kv, s, d), v.reshape(b * kv, s, d)
        mixed = []
        for start in range(0, t, block):
            stop = min(t, start + block)
            rows, keys = stop - start, past + stop
            bias = torch.full((rows, keys), -1e9, dtype=q.dtype).triu(past + start + 1).repeat(g, 1)[None]
            scores = torch.baddbmm(bias, q[:, :, start:stop].reshape(b * kv, g * rows, d), k[:, :keys].transpose(1, 2))
            mixed.append(torch.bmm(scores.softmax(-1), v[:, :keys]).view(b, kv * g, rows, d))
        return torch.cat(mixed, 2).transpose(1, 2).reshape(b, t, c.hidden)

    def feed_forward(self, x):
        gate, up = self.gate_up(self.ffn_norm(x)).chunk(2, -1)
        return self.down(F.silu(gate) * up)

    def forward(self, x, cos, sin, cache=None):
        q, k, v = self.split(x, cos, sin)
        past = 0
        if cache is not None:
            if cache:
                past = cache[0].shape[2]
                k, v = torch.cat((cache[0], k), 2), torch.cat((cache[1], v), 2)
            cache[:] = [k, v]
        x = x + self.out(self.attend(q, k, v, past))
        return x + self.feed_forward(x)


class SmolLM3(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.config = config
        self.embed = nn.Embedding(config.vocab, config.hidden)
        self.blocks = nn.ModuleList(Block(config, i) for i in range(config.layers))
        self.norm = RMSNorm(config.hidden, config.eps)
        for name, p in self.named_parameters():
            if p.dim() == 2:
                std = 0.06 if name.startswith("embed") else 0.6 / math.sqrt(p.shape[1])
                nn.init.normal_(p, std=std / math.sqrt(2 * config.layers) if "out" in name or "down" in name else std)

    def hidden_states(self, ids):
        """ids [B, T], one conversation per row, padding on the right: the causal mask is all that is needed."""
        cos, sin = rope_tables(self.config, torch.arange(ids.shape[1]))
        x = self.embed(ids)
        for block in self.blocks:
            x = block(x, cos, sin)
        return x

    def loss(self, ids, targets, weights):
        """(sum of the losses, sum of the weights); the head is applied only where a target has weight."""
        x = self.hidden_states(ids).reshape(-1, self.config.hidden)
        chosen = weights.reshape(-1).nonzero().squeeze(1)
        padding = -len(chosen) % 256  # few shapes, see dataset.py
        chosen = F.pad(chosen, (0, padding))
        logits = F.linear(self.norm(x[chosen]), self.embed.weight)
        w = weights.reshape(-1)[chosen]
        w[len(w) - padding:] = 0.0
        nll = F.cross_entropy(logits, targets.reshape(-1)[chosen], reduction="none")
        return (nll * w).sum(), w.sum()

    @torch.no_grad()
    def step(self, ids, caches, position):
        """Logits after the last of `ids` (list); caches: one list per block, filled here."""
        cos, sin = rope_tables(self.config, torch.arange(position, position + len(ids)))
        x = self.embed(torch.tensor([ids]))
        for block, cache in zip(self.blocks, caches):
            x = block(x, cos, sin, cache)
        return F.linear(self.norm(x[0, -1]), self.embed.weight)
