"""Renders conversations through the official SmolLM3 chat template (chat_template.jinja)."""
from pathlib import Path

import jinja2
from jinja2.ext import Extension

TEMPLATE_TEXT = (Path(__file__).parent / "chat_template.jinja").read_text(encoding="utf-8")


class _Generation(Extension):
    """{% generation %}...{% endgeneration %} marks assistant text; it renders its body unchanged."""
    tags = {"generation"}

    def parse(self, parser):
        line = next(parser.stream).lineno
        body = parser.parse_statements(("name:endgeneration",), drop_needle=True)
        call = self.call_method("_body")
        return jinja2.nodes.CallBlock(call, [], [], body).set_lineno(line)

    def _body(self, caller):
        return caller()


_environment = jinja2.Environment(trim_blocks=True, lstrip_blocks=True, extensions=[_Generation])
_template = _environment.from_string(TEMPLATE_TEXT)


def render(messages, tools=None, think=True, date="23 November 2026", add_generation_prompt=False):
    return _template.render(messages=messages, tools=tools or None, enable_thinking=think,
                            add_generation_prompt=add_generation_prompt, strftime_now=lambda fmt: date)
