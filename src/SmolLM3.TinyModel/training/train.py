"""Trains the model; can be stopped and started again. Progress is measured in minutes of training time.

python3 train.py --minutes 60 --out run
"""
import argparse
import os
import time
from pathlib import Path

import torch

from dataset import STAGES, Dataset
from model import Config, SmolLM3
from optimizer import Muon
from tokenizer import Tokenizer

HERE = Path(__file__).parent
STAGE_STARTS = [0.0, 0.12, 0.72]  # share of the run at which each stage begins
DECAY_START = 0.72                # warm-up, stable, decay


def schedule(progress, step, warmup=150):
    return min(1.0, (step + 1) / warmup) * min(1.0, max(0.0, (1.02 - progress) / (1.02 - DECAY_START)))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--out", type=Path, default=Path("run"))
    parser.add_argument("--tokens", type=int, default=4096, help="tokens per batch")
    parser.add_argument("--muon-lr", type=float, default=0.02)
    parser.add_argument("--adam-lr", type=float, default=0.004)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--save-every", type=float, default=120, help="seconds")
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(args.threads)
    torch.manual_seed(args.seed)

    tokenizer = Tokenizer.load(HERE / "tokenizer.json")
    model = SmolLM3(Config(vocab=len(tokenizer.tokens)))
    muon = Muon(model)
    rest = [p for n, p in model.named_parameters() if p.dim() == 1 or n.startswith("embed")]
    adam = torch.optim.AdamW(rest, betas=(0.9, 0.97), weight_decay=0.0)
    step, spent, seen = 0, 0.0, 0
    checkpoint = args.out / "checkpoint.pt"
    if checkpoint.exists():
        state = torch.load(checkpoint)
        model.load_state_dict(state["model"])
        muon.load_state_dict(state["muon"])
        adam.load_state_dict(state["adam"])
        step, spent, seen = state["step"], state["spent"], state["seen"]

    def save():
        state = {"model": model.state_dict(), "muon": muon.state_dict(), "adam": adam.state_dict(), "step": step,
                 "spent": spent, "seen": seen, "config": model.config.to_dict()}
        torch.save(state, checkpoint.with_suffix(".tmp"))
        os.replace(checkpoint.with_suffix(".tmp"), checkpoint)

    data = Dataset(tokenizer, seed=args.seed * 1000 + step)
    streams = [data.batches(stage, args.tokens) for stage in range(len(STAGES))]
    last_save, last_log, losses, logged_tokens, clock = time.time(), time.time(), [], 0, time.time()
    while spent < args.minutes * 60:
        progress = spent / (args.minutes * 60)
        stage = max(i for i, start in enumerate(STAGE_STARTS) if progress >= start)
        ids, targets, weights = next(streams[stage])
        with torch.autocast("cpu", dtype=torch.bfloat16):
            loss = model.loss(ids, targets, weights)
        model.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(rest, 1.0)
        factor = schedule(progress, step)
        muon.step(args.muon_lr * factor)
        adam.param_groups[0]["lr"] = args.adam_lr * factor
        adam.step()
        step, seen, logged_tokens = step + 1, seen + ids.numel(), logged_tokens + ids.numel()
        losses.append(loss.item())
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
