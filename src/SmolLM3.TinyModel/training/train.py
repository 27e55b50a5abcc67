"""Trains the model; can be stopped and started again.

python3 train.py --million-tokens 40 --out run
"""
import argparse
import os
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import torch

from dataset import STAGES, Dataset
from model import Config, SmolLM3
from optimizer import Muon
from tokenizer import Tokenizer

HERE = Path(__file__).parent
STAGE_STARTS = [0.0, 0.10, 0.55]  # share of the run at which each stage begins
DECAY_START = 0.65                # warm-up, stable, decay


def schedule(progress, step, warmup=150):
    return min(1.0, (step + 1) / warmup) * min(1.0, max(0.0, (1.02 - progress) / (1.02 - DECAY_START)))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--million-tokens", type=float, default=40, help="length of the whole run")
    parser.add_argument("--out", type=Path, default=Path("run"))
    parser.add_argument("--tokens", type=int, default=1024, help="tokens per part of a batch")
    parser.add_argument("--parts", type=int, default=4, help="parts per batch")
    parser.add_argument("--muon-lr", type=float, default=0.012)
    parser.add_argument("--adam-lr", type=float, default=0.003)
    parser.add_argument("--threads", type=int, default=2, help="parts worked on at the same time, one core each")
    parser.add_argument("--average", type=float, default=0.98, help="weights exported are a running average")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--save-every", type=float, default=120, help="seconds")
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(1)
    torch.manual_seed(args.seed)

    tokenizer = Tokenizer.load(HERE / "tokenizer.json")
    model = SmolLM3(Config(vocab=len(tokenizer.tokens)))
    muon = Muon(model)
    rest = [p for n, p in model.named_parameters() if p.dim() == 1 or n.startswith("embed")]
    adam = torch.optim.AdamW(rest, betas=(0.9, 0.97), weight_decay=0.0)
    step, spent, seen = 0, 0.0, 0
    params, pool = list(model.parameters()), ThreadPoolExecutor(args.threads)

    def gradients(part):
        torch.set_num_threads(1)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            loss, weight = model.loss(*part)
        return torch.autograd.grad(loss, params), loss.item(), weight.item()

    average = {k: v.clone() for k, v in model.state_dict().items()}
    checkpoint = args.out / "checkpoint.pt"
    if checkpoint.exists():
        state = torch.load(checkpoint)
        model.load_state_dict(state["model"])
        muon.load_state_dict(state["muon"])
        adam.load_state_dict(state["adam"])
        average = state.get("average") or average
        step, spent, seen = state["step"], state["spent"], state["seen"]

    def save():
        state = {"model": model.state_dict(), "muon": muon.state_dict(), "adam": adam.state_dict(), "average": average,
                 "step": step, "spent": spent, "seen": seen, "config": model.config.to_dict()}
        torch.save(state, checkpoint.with_suffix(".tmp"))
        os.replace(checkpoint.with_suffix(".tmp"), checkpoint)

    data = Dataset(tokenizer, seed=args.seed * 1000 + step)
    streams = [data.batches(stage, args.tokens) for stage in range(len(STAGES))]
    last_save, last_log, losses, logged_tokens, clock = time.time(), time.time(), [], 0, time.time()
    while seen < args.million_tokens * 1e6:
        progress = seen / (args.million_tokens * 1e6)
        stage = max(i for i, start in enumerate(STAGE_STARTS) if progress >= start)
        parts = [next(streams[stage]) for _ in range(args.parts)]
        results = list(pool.map(gradients, parts))
        weight = sum(r[2] for r in results)
        for p, *grads in zip(params, *(r[0] for r in results)):
            p.grad = sum(grads) / weight
        torch.nn.utils.clip_grad_norm_(rest, 1.0)
        factor = schedule(progress, step)
        muon.step(args.muon_lr * factor)
        adam.param_groups[0]["lr"] = args.adam_lr * factor
        adam.step()
        for name, value in model.state_dict().items():
            average[name].lerp_(value, 1 - args.average)
        count = sum(part[0].numel() for part in parts)
        step, seen, logged_tokens = step + 1, seen + count, logged_tokens + count
        losses.append(sum(r[1] for r in results) / weight)
        now = time.time()
        spent, clock = spent + now - clock, now
        if step % 50 == 0:
            print(f"{step} {spent / 60:.1f} min stage {stage} loss {sum(losses) / len(losses):.4f} "
                  f"lr x{factor:.2f} {logged_tokens / (now - last_log):.0f} tokens/s, {seen / 1e6:.2f} M tokens", flush=True)
            losses, logged_tokens, last_log = [], 0, now
        if now - last_save > args.save_every:
            save()
            last_save = now
    save()


if __name__ == "__main__":
    main()
