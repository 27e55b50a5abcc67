"""Tool definitions with varied names, parameters and schema shapes, and the results those tools give."""
import json
from dataclasses import dataclass, field

CITY = (["city", "city", "location", "cityName"], ["The city.", "Name of the city."])
# domain: (name words, descriptions, [(slot, type, names, descriptions)])
DOMAINS = {
    "weather": (["weather", "current weather", "forecast"],
                ["Gets the weather of a city.", "Get the current weather.", "Returns the weather forecast for a city."],
                [("city", "string", *CITY)]),
    "time": (["time", "current time", "local time"],
             ["Gets the current time in a city.", "Returns the local time."],
             [("city", "string", *CITY)]),
    "search": (["search", "web search", "articles"],
               ["Searches the web.", "Search for information.", "Finds pages about a topic."],
               [("phrase", "string", ["query", "text", "topic"], ["What to search for.", "The query."])]),
    "message": (["send message", "send email", "email"],
                ["Sends a message to a person.", "Sends an e-mail."],
                [("name", "string", ["to", "recipient", "name"], ["Who gets it.", "The recipient."]),
                 ("phrase", "string", ["text", "message", "body"], ["The text.", "Message body."])]),
    "timer": (["timer", "set timer", "start timer"],
              ["Starts a timer.", "Sets a timer."],
              [("minutes", "integer", ["minutes", "duration"], ["Number of minutes.", "Duration in minutes."])]),
    "stock": (["stock price", "stock", "share price"],
              ["Gets the price of a stock.", "Share price lookup."],
              [("symbol", "string", ["symbol", "ticker"], ["The stock symbol.", "Ticker."])]),
    "phone": (["phone number", "contact", "phone"],
              ["Finds the phone number of a person.", "Looks up a contact."],
              [("name", "string", ["name", "person", "contactName"], ["The person.", "Name of the contact."])]),
    "order": (["order status", "order", "track order"],
              ["Gets the status of an order.", "Tracks an order."],
              [("code", "string", ["orderId", "id", "number"], ["The order id.", "Order number."])]),
}
VERBS = "get get get fetch find check".split()
SELF_VERBS = "set send start track search".split()
CONDITIONS = "sunny cloudy rainy windy snowy foggy stormy clear".split()
STATUSES = "shipped delivered delayed cancelled".split()


@dataclass
class Tool:
    domain: str
    name: str
    description: str
    params: list = field(default_factory=list)  # (slot, type, name, description)

    def schema(self, rng):
        props, required, order = {}, [], rng.random() < 0.5
        described, defaults = rng.random() < 0.75, rng.random() < 0.1
        for slot, kind, name, description in self.params:
            prop = {"description": description, "type": kind} if order else {"type": kind, "description": description}
            if not described:
                prop.pop("description")
            if defaults and rng.random() < 0.5:
                prop["default"] = None
            else:
                required.append(name)
            props[name] = prop
        parameters = {"type": "object", "properties": props, "required": required}
        if not required:
            parameters.pop("required")
        if rng.random() < 0.1:
            parameters = {"properties": props, "required": required, "type": "object"}
        return {"name": self.name, "description": self.description, "parameters": parameters}


def style(rng, words):
    kind = rng.random()
    if kind < 0.3:
        return "_".join(words)
    if kind < 0.5:
        return words[0] + "".join(w.capitalize() for w in words[1:])
    return "".join(w.capitalize() for w in words)


def make_tool(rng, domain, canonical=False):
    """A tool of a domain; canonical ones look like the C# methods of a first sample."""
    names, descriptions, params = DOMAINS[domain]
    words = rng.choice(names[:2] if canonical else names).split()
    if words[0] not in SELF_VERBS and (canonical or rng.random() < 0.9):
        words = ["get" if canonical else rng.choice(VERBS)] + words
    name = "".join(w.capitalize() for w in words) if canonical else style(rng, words)
    picked = [(slot, kind, pnames[0] if canonical else rng.choice(pnames), rng.choice(descs))
              for slot, kind, pnames, descs in params]
    return Tool(domain, name, rng.choice(descriptions), picked)


def _json_text(rng, fields, hide=()):
    fields = {k: v for k, v in fields.items() if k not in hide}
    compact = rng.random() < 0.7
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":") if compact else (", ", ": "))


def result_for(rng, domain, values):
    """(text of the tool message, values the answer needs)."""
    extra, text = {}, rng.choice(["OK", "ok", "Done", "done", "Success", "true", '{"success":true}', '{"status":"ok"}'])
    if domain == "weather":
        t = -rng.randint(1, 9) if rng.random() < 0.03 else rng.randint(0, 40)
        i = rng.randrange(len(CONDITIONS))
        c = CONDITIONS[i] if rng.random() < 0.5 else CONDITIONS[i].capitalize()
        extra = {"temperature": t, "condition_index": i}
        unit = rng.choice(["degrees", "degrees", " °C", "°C", "C", "degrees Celsius"])
        amount = f"{t} {unit}" if unit[0] in "d" else f"{t}{unit}"
        text = rng.choice([f"{c}, {amount}", f"{c}, {amount}", f"{c}, {t} degrees", f"{amount}, {c}", f"{amount} and {c}",
                           f"It is {c.lower()} and {amount} in {values['city']}.", f"{values['city']}: {c}, {amount}"])
        fields = [(rng.choice(["temperature", "temperature", "temperatureC", "temp", "degrees"]), t),
                  (rng.choice(["condition", "condition", "summary", "description", "sky"]), c)]
        if rng.random() < 0.3:
            fields.reverse()
        if rng.random() < 0.7:
            fields.insert(0, (rng.choice(["city", "location"]), values["city"]))
        if rng.random() < 0.2:
            fields.append((rng.choice(["humidity", "wind"]), rng.randint(5, 95)))
        body = dict(fields)
    elif domain == "time":
        extra = {"time": f"{rng.randint(0, 23):02d}:{rng.randint(0, 59):02d}"}
        text = rng.choice([extra["time"], extra["time"], f"It is {extra['time']}.", f"{values['city']}: {extra['time']}"])
        body = {"city": values["city"], "time": extra["time"]}
    elif domain == "search":
        extra = {"count": rng.randint(2, 99)}
        text = rng.choice([f"{extra['count']} results", f"Found {extra['count']} pages.", str(extra["count"])])
        body = {"query": values["phrase"], "count": extra["count"]}
    elif domain == "stock":
        extra = {"price": f"{rng.uniform(1, 900):.2f}"}
        text = rng.choice([extra["price"], f"Price: {extra['price']}"])
        body = {"price": extra["price"]}
    elif domain == "phone":
        extra = {"phone": f"{rng.randint(100, 999)}-{rng.randint(1000, 9999)}"}
        text = rng.choice([extra["phone"], f"{values['name']}: {extra['phone']}"])
        body = {"name": values["name"], "phone": extra["phone"]}
    elif domain == "order":
        i = rng.randrange(len(STATUSES))
        extra = {"status_index": i}
        text = rng.choice([STATUSES[i], STATUSES[i].capitalize()])
        body = {"id": values["code"], "status": STATUSES[i]}
    else:
        return text, extra
    if rng.random() < 0.45:
        text = _json_text(rng, body)
    elif rng.random() < 0.15:
        text = json.dumps(text, ensure_ascii=False)
    return text, extra
