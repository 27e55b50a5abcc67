"""Makes what tests/SmolLM3.Extensions.Tests/Chat compares with, from the official template and Python itself.

    python3 tests/peers/render_expectations.py [--template FILE]      (needs jinja2; Debian: python3-jinja2)

renders.json    what a Jinja engine set up as transformers sets it up makes of every case of render_cases.py
reprs.json      str() and json.dumps(ensure_ascii=False) of hand-picked and random JSON values
characters.json which characters Python takes for printable, for blank and for unassigned (Unicode of this Python)
"""

import argparse
import datetime
import json
import pathlib
import random
import sys
import unicodedata

import jinja2.ext
import jinja2.sandbox

import render_cases

ROOT = pathlib.Path(__file__).resolve().parents[2]
DATA = ROOT / "tests" / "SmolLM3.Extensions.Tests" / "Chat" / "Data"


class Generation(jinja2.ext.Extension):
    """`{% generation %}` marks the spans transformers trains on; it prints what stands within."""

    tags = {"generation"}

    def parse(self, parser):
        next(parser.stream)
        return parser.parse_statements(("name:endgeneration",), drop_needle=True)


def render(source, request):
    environment = jinja2.sandbox.ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=[Generation, jinja2.ext.loopcontrols])
    date = datetime.date.fromisoformat(request["date"])
    environment.globals["strftime_now"] = date.strftime
    tools, python_tools = (json.loads(request[key]) if request[key] else None for key in ("tools", "python_tools"))
    return environment.from_string(source).render(
        messages=request["messages"], tools=tools, python_tools=python_tools,
        enable_thinking=request["enable_thinking"], add_generation_prompt=request["add_generation_prompt"])


def random_character(rng):
    """Mostly what people type; now and then anything this Python knows, and what no Unicode will ever assign."""
    kind = rng.random()
    if kind < 0.5:
        return chr(rng.randrange(0x20, 0x7f))
    if kind < 0.65:
        return rng.choice("'\"\\\n\r\t/\b\f\x00\x1b\x7f\x85\xa0\xad\u200b\u2028\ufeff")
    if kind < 0.7:
        return rng.choice("\uffff\ufdd0\ue000\U0010ffff\U000f0000")
    while True:
        character = chr(rng.choice([rng.randrange(0x80, 0x3000), rng.randrange(0x3000, 0x20000)]))
        if unicodedata.category(character) not in ("Cn", "Cs"):
            return character


def random_number(rng):
    kind = rng.randrange(6)
    if kind == 0:
        return str(rng.randrange(-10**rng.randrange(1, 40), 10**rng.randrange(1, 40)))
    if kind == 1:
        return repr(rng.uniform(-1, 1) * 10.0**rng.randrange(-20, 20))
    if kind == 2:
        return f"{rng.randrange(10**rng.randrange(1, 25))}.{rng.randrange(10**rng.randrange(1, 12))}"
    if kind == 3:
        exponent = f"{rng.choice('eE')}{rng.choice(['', '+', '-'])}{rng.randrange(330)}"
        return f"-{rng.randrange(10)}.{rng.randrange(1000)}{exponent}"
    if kind == 4:
        return f"{rng.randrange(1, 10)}{rng.choice('eE')}{rng.randrange(-330, 330)}"
    return repr(2.0**rng.randrange(-1074, 1024))


def random_json(rng, depth):
    kind = rng.randrange(4 if depth == 0 else 6)
    if kind == 0:
        return rng.choice(["true", "false", "null"])
    if kind == 1:
        return random_number(rng)
    if kind <= 3:
        text = "".join(random_character(rng) for _ in range(rng.randrange(12)))
        return json.dumps(text, ensure_ascii=rng.random() < 0.5)
    items = [random_json(rng, depth - 1) for _ in range(rng.randrange(5))]
    blank = rng.choice(["", " ", "\n  "])
    if kind == 4:
        return "[" + ("," + blank).join(items) + blank + "]"
    names = [json.dumps(rng.choice(["a", "b", "it's", '"', "é", "\n", random_character(rng)])) for _ in items]
    return "{" + ("," + blank).join(f"{name}{blank}:{item}" for name, item in zip(names, items)) + "}"


def reprs():
    rng = random.Random(20260109)
    texts = [tools for tools in render_cases.TOOLS.values()]
    texts += [r'["\ud83d"]', r'["a\ude00\ud83d b"]', r'{"\ud800": "\udfff"}']
    texts += [random_number(rng) for _ in range(200)]
    texts += [random_json(rng, rng.randrange(5)) for _ in range(400)]
    for text in texts:
        value = json.loads(text)
        dumped = json.dumps(value, ensure_ascii=False)
        if any("\ud800" <= character <= "\udfff" for character in dumped):
            dumped = None  # half a pair cannot be encoded
        yield {"json": text, "str": str(value), "dumps": dumped}


def ranges(belongs):
    spans = []
    for code in range(0x110000):
        if belongs(chr(code)):
            if spans and spans[-1][1] == code - 1:
                spans[-1][1] = code
            else:
                spans.append([code, code])
    return spans


def write(name, content):
    text = json.dumps(content, ensure_ascii=True, indent=None, separators=(",", ":"))
    # One case a line: readable changes.
    text = text.replace('},{"', '},\n{"') if isinstance(content, list) else text
    assert json.loads(text) == content
    (DATA / name).write_text(text + "\n", encoding="utf-8")
    print(f"{name}: {len(content)} entries, {len(text)} bytes")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--template", type=pathlib.Path,
                        default=ROOT / "src" / "SmolLM3.TinyModel" / "training" / "chat_template.jinja")
    source = parser.parse_args().template.read_text(encoding="utf-8")
    DATA.mkdir(parents=True, exist_ok=True)
    write("renders.json", [{"name": name, **request, "expected": render(source, request)}
                           for name, request in render_cases.cases()])
    write("reprs.json", list(reprs()))
    write("characters.json", {
        "unicode": unicodedata.unidata_version,
        "python": sys.version.split()[0],
        "blank": ranges(str.isspace),
        "printable": ranges(str.isprintable),
        "unassigned": ranges(lambda character: unicodedata.category(character) == "Cn"),
    })


if __name__ == "__main__":
    main()
