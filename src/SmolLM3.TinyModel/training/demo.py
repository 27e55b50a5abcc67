"""The conversations a newcomer tries first, greedy and sampled (temperature 0.6, top_p 0.95).

python3 demo.py ../smollm3-tiny.gguf [samples]
"""
import sys

import torch

from evaluate import first_call
from generate import Generator

CITY = {"type": "object", "properties": {"city": {"description": "The city.", "type": "string"}}, "required": ["city"]}
TOOLS = [{"name": "GetWeather", "description": "Gets the weather of a city.", "parameters": CITY},
         {"name": "GetCurrentTime", "description": "Gets the current time in a city.", "parameters": CITY},
         {"name": "GetTime", "description": "Gets the current time.", "parameters": {"type": "object", "properties": {}}}]
# (system text, tools, question, what the first text must hold or the call, tool result, what the answer must hold)
CASES = [
    (None, TOOLS[:1], "What is the weather in Lisbon?", ("GetWeather", {"city": "Lisbon"}), "Sunny, 24 degrees", "Lisbon sunny 24"),
    (None, TOOLS[:2], "What is the weather in Lisbon?", ("GetWeather", {"city": "Lisbon"}),
     '{"city":"Lisbon","temperature":24,"condition":"sunny"}', "Lisbon sunny 24"),
    ("You are a helpful assistant.", TOOLS[:2], "What's the weather like in Paris?", ("GetWeather", {"city": "Paris"}), "Rainy, 12°C", "Paris rainy 12"),
    ("You are a helpful assistant.", TOOLS[:2], "What time is it in Tokyo?", ("GetCurrentTime", {"city": "Tokyo"}), "14:05", "Tokyo 14:05"),
    ("You are a pirate who loves the sea.", TOOLS[:2], "How warm is it in Edinburgh?", ("GetWeather", {"city": "Edinburgh"}), "Cloudy, 9 degrees", "Edinburgh cloudy 9"),
    (None, TOOLS[2:], "What time is it?", ("GetTime", {}), "09:41", "09:41"),
    (None, TOOLS[:2], "Quel temps fait-il à Lyon ?", ("GetWeather", {"city": "Lyon"}), "Sunny, 21 degrees", "Lyon ensoleillé 21"),
    (None, TOOLS[:2], "Wie spät ist es in Wien?", ("GetCurrentTime", {"city": "Wien"}), "18:30", "Wien 18:30"),
    (None, None, "What is 3 + 4?", "7", None, None),
    (None, TOOLS[:2], "What is 6 x 7?", "42", None, None),
    ("You are a helpful assistant.", None, "Hello!", "Hello!", None, None),
    (None, None, "Who are you?", "SmolLM3-Tiny", None, None),
    (None, TOOLS[:1], "What is the capital of France?", "Paris", None, None),
]


def attempt(generator, case, think, temperature):
    system, tools, question, wanted, result, answer_words = case
    messages = ([{"role": "system", "content": system}] if system else []) + [{"role": "user", "content": question}]
    text = generator.complete(messages, tools, think, temperature)
    if isinstance(wanted, str):
        return wanted in text.split("</think>")[-1] and "<tool_call>" not in text, [text]
    call = first_call(text)
    if call != {"name": wanted[0], "arguments": wanted[1]}:
        return False, [text]
    messages += [{"role": "assistant", "content": text}, {"role": "tool", "content": result}]
    answer = generator.complete(messages, tools, think, temperature)
    return all(w in answer.split("</think>")[-1] for w in answer_words.split()), [text, answer]


if __name__ == "__main__":
    torch.set_num_threads(1)
    torch.manual_seed(3)
    generator, samples = Generator(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 0
    for think in (True, False):
        for case in CASES:
            good, texts = attempt(generator, case, think, 0.0)
            hits = sum(attempt(generator, case, think, 0.6)[0] for _ in range(samples))
            print("ok  " if good else "FAIL", "think" if think else "no_think", f"{hits}/{samples}", case[2], "->",
                  " ## ".join(t.replace("\n", "\\n") for t in texts))
