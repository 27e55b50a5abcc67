"""Muon for the matrices inside the blocks (fused ones cut back into their parts), AdamW for embedding and norms."""
from collections import defaultdict

import torch


def orthogonalize(g, steps=5):
    """Newton-Schulz iteration on a stack of matrices [N, rows, cols]."""
    a, b, c = 3.4445, -4.7750, 2.0315
    tall = g.shape[1] > g.shape[2]
    x = (g.transpose(1, 2) if tall else g).bfloat16()
    x = x / (x.float().norm(dim=(1, 2), keepdim=True) + 1e-7).bfloat16()
    for _ in range(steps):
        s = torch.bmm(x, x.transpose(1, 2))
        x = a * x + torch.bmm(b * s + c * torch.bmm(s, s), x)
    return (x.transpose(1, 2) if tall else x).float()


class Muon:
    def __init__(self, model, momentum=0.95, decay=0.01):
        c = model.config
        kv, self.momentum, self.decay = c.kv_heads * c.head_dim, momentum, decay
        cuts = {"qkv": [c.hidden, kv, kv], "gate_up": [c.ffn, c.ffn]}
        self.parts, self.buffers = defaultdict(list), {}
        for name, p in model.blocks.named_parameters():
            if p.dim() == 2:
                row, kind = 0, name.split(".")[1]
                for rows in cuts.get(kind, [p.shape[0]]):
                    self.parts[rows, p.shape[1]].append((p, row, row + rows))
                    row += rows
        for shape, parts in self.parts.items():
            self.buffers[shape] = torch.zeros(len(parts), *shape)

    @torch.no_grad()
    def step(self, lr):
        for shape, parts in self.parts.items():
            grads = torch.stack([p.grad[a:b] for p, a, b in parts])
            buffer = self.buffers[shape]
            buffer.lerp_(grads, 1 - self.momentum)
            update = orthogonalize(grads.lerp_(buffer, self.momentum))
            scale = lr * max(1.0, shape[0] / shape[1]) ** 0.5
            for u, (p, a, b) in zip(update, parts):
                p[a:b].mul_(1 - lr * self.decay).add_(u, alpha=-scale)

    def state_dict(self):
        return self.buffers

    def load_state_dict(self, state):
        self.buffers = state
