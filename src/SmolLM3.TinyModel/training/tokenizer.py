"""Byte-level BPE with the `smaug-bpe` (Llama 3) split rule.

Merges are learnt in two phases so that a word is cut the same way with and without a space before it, which makes
copying from the prompt easy for a tiny model: first merges inside letter runs and inside punctuation runs, then
" " + whole frequent lower-case word. Digits never merge and no merge crosses a lower-to-upper-case boundary, so
"GetWeather" is Get + Weather wherever it stands.
"""
import json
import re
import sys
import unicodedata
from collections import Counter, defaultdict
from functools import lru_cache

SPECIAL = ["<|begin_of_text|>", "<|end_of_text|>", "<think>", "</think>", "<|finetune_right_pad_id|>",
           "<|reserved_special_token_2|>", "<|start_header_id|>", "<|end_header_id|>", "<|eom_id|>", "<|eot_id|>",
           "<|python_tag|>", "<|im_start|>", "<|im_end|>", "<tool_response>", "</tool_response>", "<tool_call>",
           "</tool_call>", "<code>", "</code>"]


def _char_class(prefix):
    """Ranges of all code points whose Unicode category starts with `prefix` ("L" or "N"), for Python's re."""
    ranges, start = [], None
    for code in range(sys.maxunicode + 2):
        inside = code <= sys.maxunicode and unicodedata.category(chr(code))[0] == prefix
        if inside and start is None:
            start = code
        elif not inside and start is not None:
            ranges.append(f"\\U{start:08x}-\\U{code - 1:08x}")
            start = None
    return "".join(ranges)


_L, _N = _char_class("L"), _char_class("N")
SPLIT = re.compile(
    rf"'(?:[sS]|[tT]|[rR][eE]|[vV][eE]|[mM]|[lL][lL]|[dD])|[^\r\n{_L}{_N}]?[{_L}]+|[{_N}]{{1,3}}"
    rf"| ?[^\s{_L}{_N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+")
SPECIAL_SPLIT = re.compile("(" + "|".join(map(re.escape, SPECIAL)) + ")")


def _byte_alphabet():
    keep = [*range(33, 127), *range(161, 173), *range(174, 256)]
    table, extra = {}, 0
    for b in range(256):
        if b in keep:
            table[b] = chr(b)
        else:
            table[b] = chr(256 + extra)
            extra += 1
    return table


BYTE_TO_CHAR = _byte_alphabet()
CHAR_TO_BYTE = {c: b for b, c in BYTE_TO_CHAR.items()}


def to_chars(text):
    return "".join(BYTE_TO_CHAR[b] for b in text.encode("utf-8"))


class Tokenizer:
    def __init__(self, merges):
        self.merges = [tuple(m) for m in merges]
        ordinary = [BYTE_TO_CHAR[b] for b in sorted(BYTE_TO_CHAR, key=lambda b: BYTE_TO_CHAR[b])]
        self.tokens = ordinary + [a + b for a, b in self.merges] + SPECIAL
        self.ids = {t: i for i, t in enumerate(self.tokens)}
        assert len(self.ids) == len(self.tokens), "duplicate token"
        self.ranks = {m: i for i, m in enumerate(self.merges)}
        self.first_special = len(self.tokens) - len(SPECIAL)
        self._chunk = lru_cache(maxsize=200_000)(self._encode_chunk)

    @classmethod
    def load(cls, path):
        with open(path, encoding="utf-8") as file:
            return cls(json.load(file)["merges"])

    def save(self, path):
        with open(path, "w", encoding="utf-8") as file:
            json.dump({"merges": self.merges}, file, ensure_ascii=False, indent=0)

    def _encode_chunk(self, chunk):
        parts = list(to_chars(chunk))
        while len(parts) > 1:
            rank, at = min((self.ranks.get(pair, 1 << 30), i) for i, pair in enumerate(zip(parts, parts[1:])))
            if rank == 1 << 30:
                break
            parts[at:at + 2] = [parts[at] + parts[at + 1]]
        return tuple(self.ids[p] for p in parts)

    def encode(self, text):
        """All special tokens in the text are recognised."""
        result = []
        for piece in SPECIAL_SPLIT.split(text):
            if piece in self.ids and piece in SPECIAL:
                result.append(self.ids[piece])
            elif piece:
                for match in SPLIT.finditer(piece):
                    result.extend(self._chunk(match.group()))
        return result

    def decode(self, ids):
        raw = bytearray()
        for i in ids:
            token = self.tokens[i]
            raw += token.encode() if i >= self.first_special else bytes(CHAR_TO_BYTE[c] for c in token)
        return raw.decode("utf-8", "replace")


def _is_letters(piece):
    return all(c.isalpha() for c in piece)


def _words_of(texts):
    """Counts the letter runs and the punctuation runs; a character before letters is cut off."""
    words = Counter()
    for text in texts:
        for piece in SPECIAL_SPLIT.split(text):
            if piece in SPECIAL:
                continue
            for match in SPLIT.finditer(piece):
                chunk = match.group()
                if len(chunk) > 1 and not chunk[0].isalpha() and chunk[1].isalpha() and chunk[0] != "'":
                    words[chunk[1:]] += 1
                elif not chunk[0].isnumeric():
                    words[chunk] += 1
    return words


def _case_boundary(left, right):
    left = bytes(CHAR_TO_BYTE[c] for c in left).decode("utf-8", "ignore")
    right = bytes(CHAR_TO_BYTE[c] for c in right).decode("utf-8", "ignore")
    return bool(left and right and left[-1].islower() and right[0].isupper())


def train(texts, vocab_size, with_space=380):
    """with_space: how many of the merges are spent on " word" tokens."""
    budget = vocab_size - len(BYTE_TO_CHAR) - len(SPECIAL) - with_space
    words = [(list(to_chars(w)), n) for w, n in _words_of(texts).items()]
    counts, where = Counter(), defaultdict(set)
    for i, (parts, n) in enumerate(words):
        for pair in zip(parts, parts[1:]):
            counts[pair] += n
            where[pair].add(i)
    merges = []
    while len(merges) < budget:
        pair = max(counts, key=lambda p: (counts[p], p))
        if counts[pair] < 2:
            break
        if _case_boundary(*pair):
            del counts[pair]
            continue
        merges.append(pair)
        joined = pair[0] + pair[1]
        for i in where.pop(pair):
            parts, n = words[i]
            for p in zip(parts, parts[1:]):
                if p in counts:
                    counts[p] -= n
            j = 0
            while j < len(parts) - 1:
                if (parts[j], parts[j + 1]) == pair:
                    parts[j:j + 2] = [joined]
                j += 1
            for p in zip(parts, parts[1:]):
                if not _case_boundary(*p):
                    counts[p] += n
                    where[p].add(i)
        counts.pop(pair, None)
    return Tokenizer(merges + _space_merges(texts, merges, vocab_size, len(merges)))


def _space_merges(texts, merges, vocab_size, used):
    first = Tokenizer(merges)
    space, seen = to_chars(" "), Counter()
    for text in texts:
        for match in re.finditer(rf" ([{_L}]+)", text):
            pieces = first._chunk(match.group())
            head = first.tokens[pieces[1]]
            word = first.decode(pieces[1:2])
            if len(pieces) == 2 and (word.islower() or word in ("I", "The", "You", "Your")):
                seen[head] += 1
    room = vocab_size - len(BYTE_TO_CHAR) - len(SPECIAL) - used
    return [(space, head) for head, _ in seen.most_common(room)]
