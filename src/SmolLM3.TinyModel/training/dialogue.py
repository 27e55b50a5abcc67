"""Builds synthetic conversations: chat, memory, arithmetic, tool calls and answers from tool results."""
import json
import random

from phrases import LANGUAGES, PHRASES
from pools import Pools, THINGS, made_up
from tools import DOMAINS, make_tool, result_for

TOPIC = {"weather": "the weather", "time": "the time", "search": "a search", "message": "a message", "timer": "a timer",
         "stock": "a stock price", "phone": "a phone number", "order": "an order"}
SYSTEMS = ["You are a helpful assistant.", "You are a helpful assistant.", "You are a weather assistant.", "Be brief.",
           "Answer in one short sentence.", "You are a friendly assistant.", "Use the tools when needed.",
           "You help with the calendar.", "You are a test assistant. Use tools.", "Answer the question.", "Be kind and short.",
           "You are a travel assistant.", "You are a smart home assistant.", "Help the user.", "You are an assistant for a shop."]
MONTHS = "January February March April May June July August September October November December".split()


def call_text(name, arguments):
    body = json.dumps({"name": name, "arguments": arguments}, ensure_ascii=False)
    return f"<tool_call>\n{body}\n</tool_call>"


class Dialogue:
    def __init__(self, rng, language, think, held_out=False):
        self.rng, self.language, self.think, self.held_out = rng, language, think, held_out
        self.text, self.pools = PHRASES[language], Pools(rng, held_out)
        self.messages, self.name = [], None
        self.expected = None

    def pick(self, key):
        """A random variant of a request; answers always take the first, so that learning is not disturbed by chance."""
        return self.text[key][0] if key.endswith(".answer") else self.rng.choice(self.text[key])

    # ---- messages -------------------------------------------------------------------------------------------
    def user(self, text):
        self.messages.append({"role": "user", "content": text})

    def assistant(self, text, thought="I can answer this directly."):
        self.messages.append({"role": "assistant", "content": f"<think>\n{thought}\n</think>\n{text}" if self.think else text})

    def system(self, text=None):
        self.messages.insert(0, {"role": "system", "content": text or self.rng.choice(SYSTEMS)})

    # ---- exchanges without tools ----------------------------------------------------------------------------
    def chat(self):
        kind = self.rng.choice(["greet", "who", "who", "thanks", "bye", "fact", "fact", "add", "add", "sub", "mul", "mul",
                                "name", "name", "repeat"])
        if self.name and self.rng.random() < 0.5:
            kind = "ask"
        if kind in ("greet", "who", "thanks", "bye"):
            self.user(self.pick(kind + ".user"))
            self.assistant(self.pick(kind + ".answer"))
        elif kind == "fact":
            question, answer = self.pick("fact").split(" > ")
            self.user(question)
            self.assistant(answer)
        elif kind in ("add", "sub", "mul"):
            self.arithmetic(kind)
        elif kind == "name":
            self.name = self.pools.name()
            self.user(self.pick("name.user").format(name=self.name))
            self.assistant(self.pick("name.answer").format(name=self.name))
        elif kind == "ask":
            self.user(self.pick("ask.user"))
            self.assistant(self.pick("ask.answer").format(name=self.name), f'The name is "{self.name}".')
        else:
            text = self.copy_text(4)
            self.user(self.pick("repeat.user").format(text=text))
            self.assistant(text)

    def arithmetic(self, kind):
        limit = 10 if kind == "mul" or self.rng.random() < 0.75 else 20
        a, b = self.rng.randint(0, limit), self.rng.randint(0, limit)
        if kind == "sub" and b > a:
            a, b = b, a
        op, c = {"add": ("+", a + b), "sub": ("-", a - b), "mul": ("x", a * b)}[kind]
        question = self.pick(kind + ".user").format(a=a, b=b)
        self.user(question)
        self.assistant(self.pick("calc.answer").format(a=a, b=b, c=c, op="*" if "*" in question else op),
                       f"{a} {'*' if op == 'x' else op} {b} = {c}.")

    def copy_text(self, limit):
        make = [self.pools.city, self.pools.name, lambda: made_up(self.rng), lambda: str(self.pools.number()),
                lambda: made_up(self.rng).lower(), self.pools.phrase, self.pools.code]
        return " ".join(self.rng.choice(make)() for _ in range(self.rng.randint(1, limit)))

    # ---- exchanges with tools -------------------------------------------------------------------------------
    def slots(self, tool):
        p, values, arguments = self.pools, {}, {}
        for slot, _, pname, _ in tool.params:
            if slot == "phrase":
                pool = self.text.get("phrases") or THINGS
                value = self.rng.choice(pool) if self.rng.random() < 0.3 else p.phrase()
            else:
                value = {"city": p.city, "name": p.name, "minutes": p.small, "symbol": p.symbol, "code": p.code}[slot]()
            values[slot] = arguments[pname] = value
        return values, arguments

    def question(self, tool, values):
        return self.rng.choice(self.text[tool.domain + ".user"]).format(**values)

    def answer(self, tool, values, extra):
        extra = dict(extra)
        if "condition_index" in extra:
            extra["condition"] = self.text["conditions"][extra["condition_index"]]
        if "status_index" in extra:
            extra["status"] = self.text["statuses"][extra["status_index"]]
        return self.text[tool.domain + ".answer"][0].format(**{**values, **extra})

    def thought(self, tool, arguments):
        given = " and ".join(f"{k} {json.dumps(v, ensure_ascii=False)}" for k, v in arguments.items())
        return f'The user wants {TOPIC[tool.domain]}. I call "{tool.name}"' + (f" with {given}." if given else ".")

    def tool_exchange(self, tool, tools, answer=True):
        values, arguments = self.slots(tool)
        question = self.question(tool, values)
        if tool.domain == "weather" and not self.held_out and self.rng.random() < 0.05:
            self.user(self.pick("weather.missing"))
            self.assistant(self.pick("weather.which"), "The city is missing. I ask for it.")
            question = self.pick("weather.city").format(**values)
        calls = [(tool, values, arguments)]
        second = next((t for t in tools if t is not tool and {t.domain, tool.domain} == {"weather", "time"}), None)
        if second is not None and self.rng.random() < 0.2 and not self.held_out:
            also = {**values}
            calls.append((second, also, {second.params[0][2]: values["city"]}))
            question = question.rstrip(" .") + f" {self.pick('joiner')} " + self.lower_first(self.question(second, also))
        self.user(question)
        self.expected = {"name": tool.name, "arguments": arguments}
        if not answer:
            return
        thought = " ".join(self.thought(t, a) for t, _, a in calls)
        self.assistant("\n".join(call_text(t.name, a) for t, _, a in calls), thought)
        answers = []
        for t, v, _ in calls:
            if self.rng.random() < 0.03:
                result, sentence = self.rng.choice(["Error: Function failed.", "Error: not found", "Error"]), self.pick("error.answer")
            else:
                result, extra = result_for(self.rng, t.domain, v)
                sentence = self.answer(t, v, extra)
            self.messages.append({"role": "tool", "content": result})
            answers.append(sentence)
        self.assistant(" ".join(answers), "The tool answered. I tell the user.")

    @staticmethod
    def lower_first(text):
        return text[0].lower() + text[1:] if text[0].isalpha() else text

    def without_old_thoughts(self):
        """Clients often drop the thoughts of finished turns."""
        last_user = max(i for i, m in enumerate(self.messages) if m["role"] == "user")
        for message in self.messages[:last_user]:
            if message["role"] == "assistant" and "</think>\n" in message["content"]:
                message["content"] = message["content"].split("</think>\n", 1)[1]


def offer_tools(rng, count, canonical=False):
    domains = ["weather", "time"] * 2 + list(DOMAINS)
    picked = []
    while len(picked) < count:
        domain = rng.choice(domains)
        if not any(t.domain == domain for t in picked):
            picked.append(make_tool(rng, domain, canonical))
    return picked


def schemas(rng, tools):
    wrap = rng.random() < 0.15
    found = [t.schema(rng) for t in tools]
    return [{"type": "function", "function": s} for s in found] if wrap else found


def random_date(rng):
    return f"{rng.randint(1, 28):02d} {rng.choice(MONTHS)} {rng.randint(2025, 2029)}"


def random_language(rng):
    return rng.choice(LANGUAGES) if rng.random() < 0.65 else "en"


def document(rng, kind, think=None):
    """One training document: dict with messages, tools, think, date. kind: copy, chat, math, drill, tool, demo."""
    think = rng.random() < 0.5 if think is None else think
    d = Dialogue(rng, random_language(rng), think)
    tools = []
    if kind == "copy":
        for _ in range(rng.randint(1, 3)):
            if rng.random() < 0.6:
                text = d.copy_text(12)
                d.user(d.pick("repeat.user").format(text=text))
                d.assistant(text)
            else:
                d.chat()
        d.system(rng.choice(SYSTEMS) + " /system_override")
    elif kind == "chat":
        for _ in range(rng.randint(1, 5)):
            d.chat()
    elif kind == "math":
        for _ in range(rng.randint(4, 14)):
            d.arithmetic(rng.choice(["add", "add", "sub", "mul"]))
    elif kind == "drill":  # many requests and calls, results left out: choosing a tool is the hardest thing to learn
        canonical = rng.random() < 0.4
        tools = offer_tools(rng, rng.choice([1, 2, 2, 3]), canonical=canonical)
        for _ in range(rng.randint(3, 7)):
            d.tool_exchange(rng.choice(tools), tools)
            while d.messages[-1]["role"] != "assistant" or "<tool_call>" not in d.messages[-1]["content"]:
                d.messages.pop()
        d.system()
    else:
        canonical = kind == "demo"
        tools = offer_tools(rng, rng.choice([1, 1, 1, 2, 2, 3]), canonical=canonical)
        for _ in range(rng.choice([1, 2, 2, 3, 3])):
            if rng.random() < 0.2:
                d.chat()
            else:
                d.tool_exchange(rng.choice(tools), tools)
    if kind not in ("copy", "drill") and rng.random() < (0.85 if think and tools else 0.7 if think else 0.4):
        d.system()
    if think and rng.random() < 0.2:
        d.without_old_thoughts()
    return {"messages": d.messages, "tools": schemas(rng, tools), "think": think, "date": random_date(rng)}
