"""Tool definitions with varied names, parameters and schema shapes, and the results those tools give."""
import json
from dataclasses import dataclass, field

from pools import ADJ, NOUN, made_up

CITY = (["city", "city", "city", "location", "place", "town", "cityName", "city_name"],
        ["The city.", "Name of the city.", "The city name", "The location to look up."])
# domain: (name words, descriptions, [(slot, type, names, descriptions)])
DOMAINS = {
    "weather": (["weather", "current weather", "forecast", "weather forecast", "weather report", "temperature"],
                ["Gets the weather of a city.", "Get the current weather.", "Returns the weather forecast for a city.",
                 "Gets the current weather for a given city.", "Weather lookup", "Gets the city's weather."],
                [("city", "string", *CITY)]),
    "time": (["time", "current time", "local time", "clock", "city time"],
             ["Gets the current time in a city.", "Returns the local time.", "Tells what time it is.", "Current time of a city"],
             [("city", "string", CITY[0] + ["timezone"], CITY[1])]),
    "now": (["current time", "time", "local time", "time now", "clock"],
            ["Gets the current time.", "Returns the local time.", "Tells what time it is now."], []),
    "server": (["server status", "server", "status", "server state"],
               ["Gets the state of the server.", "Checks the server.", "Health check"], []),
    "search": (["search", "web search", "documents", "articles", "web pages", "information"],
               ["Searches the web.", "Search for information.", "Finds pages about a topic.", "Full text search"],
               [("phrase", "string", ["query", "query", "text", "topic", "q", "searchText"], ["What to search for.", "The query."])]),
    "convert": (["convert currency", "exchange rate", "currency", "exchange", "currency conversion"],
                ["Converts money between currencies.", "Currency conversion.", "Exchanges an amount of money."],
                [("amount", "number", ["amount", "value", "sum"], ["The amount.", "Amount of money."]),
                 ("from", "string", ["from", "source", "fromCurrency", "from_currency"], ["The source currency.", "From currency."]),
                 ("to", "string", ["to", "target", "toCurrency", "to_currency"], ["The target currency.", "To currency."])]),
    "event": (["create event", "add event", "schedule event", "calendar event", "appointment", "meeting"],
              ["Creates a calendar event.", "Adds an event to the calendar.", "Schedules a meeting."],
              [("title", "string", ["title", "name", "subject", "summary"], ["The title.", "Event name."]),
               ("date", "string", ["date", "day", "on"], ["The date.", "Day as yyyy-MM-dd."]),
               ("time", "string", ["time", "start", "startTime", "at"], ["The time.", "Start time."])]),
    "remind": (["reminder", "set reminder", "add reminder", "create reminder"],
               ["Sets a reminder.", "Reminds the user later.", "Creates a reminder."],
               [("phrase", "string", ["text", "task", "message", "note", "what"], ["What to remember.", "The text."]),
                ("time", "string", ["time", "at", "when"], ["When to remind.", "The time."])]),
    "message": (["send message", "send email", "email", "message", "notify", "send text"],
                ["Sends a message to a person.", "Sends an e-mail.", "Writes a message to someone."],
                [("name", "string", ["to", "recipient", "name", "contact", "person"], ["Who gets it.", "The recipient."]),
                 ("phrase", "string", ["text", "message", "body", "content"], ["The text.", "Message body."])]),
    "timer": (["timer", "set timer", "start timer", "countdown"],
              ["Starts a timer.", "Sets a timer.", "Counts down minutes."],
              [("minutes", "integer", ["minutes", "duration", "durationMinutes", "length"], ["Number of minutes.", "Duration in minutes."])]),
    "stock": (["stock price", "stock", "share price", "quote", "stock quote"],
              ["Gets the price of a stock.", "Returns the stock quote.", "Share price lookup."],
              [("symbol", "string", ["symbol", "ticker", "stock"], ["The stock symbol.", "Ticker."])]),
    "phone": (["phone number", "contact", "phone", "contact number"],
              ["Finds the phone number of a person.", "Looks up a contact.", "Phone book."],
              [("name", "string", ["name", "person", "contactName", "contact_name"], ["The person.", "Name of the contact."])]),
    "light": (["light", "set light", "switch light", "toggle light", "lamp"],
              ["Turns a light on or off.", "Controls the lights.", "Switches the lamp of a room."],
              [("room", "string", ["room", "area", "roomName"], ["The room.", "Which room."]),
               ("on", "boolean", ["on", "enabled", "state", "isOn"], ["True to turn it on.", "On or off."])]),
    "distance": (["distance", "route distance", "travel distance", "route"],
                 ["Gets the distance between two cities.", "Distance in kilometers.", "Measures a route."],
                 [("city", "string", ["from", "origin", "start", "fromCity"], ["Start city.", "Where it starts."]),
                  ("city2", "string", ["to", "destination", "end", "toCity"], ["End city.", "Where it ends."])]),
    "order": (["order status", "order", "track order", "shipment"],
              ["Gets the status of an order.", "Tracks an order.", "Order lookup."],
              [("code", "string", ["orderId", "order_id", "id", "number", "code"], ["The order id.", "Order number."])]),
    "price": (["product price", "price", "item price", "product"],
              ["Gets the price of a product.", "Looks up a product in the shop.", "Product price."],
              [("product", "string", ["product", "item", "productName", "name"], ["The product.", "Product name."])]),
    "settemp": (["set temperature", "thermostat", "heating", "set thermostat"],
                ["Sets the temperature of a room.", "Controls the heating.", "Sets the thermostat."],
                [("room", "string", ["room", "zone", "area"], ["The room.", "Which room."]),
                 ("degrees", "integer", ["degrees", "temperature", "value"], ["Degrees Celsius.", "The temperature."])]),
    "dice": (["roll dice", "dice", "roll", "random number"],
             ["Rolls a dice.", "Gives a random number.", "Dice roll."],
             [("sides", "integer", ["sides", "max", "faces"], ["Number of sides.", "How many sides."])]),
}
VERBS = "get get get get fetch lookup find check read query show load".split()
HELD_OUT_VERBS = "retrieve obtain request".split()
SELF_VERBS = ("convert create add schedule set send start switch toggle roll track notify search".split())
PREFIXES = "Weather Home Office Travel Util My Demo Api Data Main".split()
CONDITIONS = "sunny cloudy rainy windy snowy foggy stormy clear".split()
STATUSES = "shipped delivered delayed cancelled".split()


@dataclass
class Tool:
    domain: str
    name: str
    description: str
    params: list = field(default_factory=list)  # (slot, type, name, description, enum)

    def schema(self, rng):
        props, required, order = {}, [], rng.random() < 0.5
        described, defaults = rng.random() < 0.75, rng.random() < 0.1
        for slot, kind, name, description, enum in self.params:
            prop = {"description": description, "type": kind} if order else {"type": kind, "description": description}
            if not described:
                prop.pop("description")
            if enum:
                prop["enum"] = enum
            if slot == "unit":
                prop.update({"default": None} if rng.random() < 0.7 else {})
            elif defaults and rng.random() < 0.5:
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
    words = [w.lower() for w in words]
    kind = rng.random()
    if kind < 0.3:
        name = "_".join(words)
    elif kind < 0.5:
        name = words[0] + "".join(w.capitalize() for w in words[1:])
    else:
        name = "".join(w.capitalize() for w in words)
    if rng.random() < 0.08:
        prefix = rng.choice(PREFIXES) if rng.random() < 0.5 else made_up(rng)
        name = prefix + rng.choice(["_", "_", "-"]) + name
    return name


def make_tool(rng, domain, held_out=False, canonical=False):
    if domain == "custom":
        return make_custom(rng)
    names, descriptions, params = DOMAINS[domain]
    words = (names[0] if canonical else rng.choice(names)).split()
    if not held_out and not canonical and rng.random() < 0.04:
        words = [made_up(rng)]
    elif words[0] not in SELF_VERBS or held_out:
        verb = rng.choice(HELD_OUT_VERBS if held_out else ["get"] if canonical else VERBS)
        words = [verb] + words if held_out or canonical or rng.random() < 0.85 else words
    name = "".join(w.capitalize() for w in words) if canonical else style(rng, words)
    picked = [(slot, kind, pnames[0] if canonical else rng.choice(pnames), rng.choice(descs), None)
              for slot, kind, pnames, descs in params]
    if domain == "weather" and rng.random() < 0.12:
        picked.append(("unit", "string", rng.choice(["unit", "units", "scale"]), rng.choice(["The unit.", "Temperature unit."]),
                       rng.choice([["celsius", "fahrenheit"], ["Celsius", "Fahrenheit"]])))
    return Tool(domain, name, rng.choice(descriptions), picked)


def make_custom(rng):
    """A tool nobody has seen: made-up name, parameters named by random words."""
    words = [made_up(rng, 2).lower()] if rng.random() < 0.4 else [rng.choice(VERBS + SELF_VERBS), made_up(rng, 2).lower()]
    params, used = [], set()
    for _ in range(rng.choice([1, 1, 1, 2, 2, 3])):
        pname = rng.choice(["id", "size", "mode", "level", "kind", "key", "value", "label", "count", "active", "code",
                            rng.choice(NOUN), rng.choice(ADJ), made_up(rng, 2).lower()])
        if pname in used:
            continue
        used.add(pname)
        kind = rng.choice(["string", "string", "string", "integer", "integer", "number", "boolean"])
        enum = rng.sample(ADJ, 3) if kind == "string" and rng.random() < 0.2 else None
        params.append(("custom", kind, pname, rng.choice(["The value.", f"The {pname}.", "Parameter"]), enum))
    description = rng.choice(["Custom operation.", "Runs a job.", f"Handles the {rng.choice(NOUN)}.", "Internal function"])
    return Tool("custom", style(rng, words), description, params)


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
    elif domain == "now":
        extra = {"time": f"{rng.randint(0, 23):02d}:{rng.randint(0, 59):02d}"}
        text, body = rng.choice([extra["time"], f"It is {extra['time']}."]), {"time": extra["time"]}
    elif domain == "server":
        extra = {"state": rng.choice(["OK", "online", "offline", "running", "down"])}
        text, body = rng.choice([extra["state"], f"Status: {extra['state']}"]), {"status": extra["state"]}
    elif domain == "search":
        extra = {"count": rng.randint(2, 99)}
        text = rng.choice([f"{extra['count']} results", f"Found {extra['count']} pages.", str(extra["count"])])
        body = {"query": values["phrase"], "count": extra["count"]}
    elif domain == "convert":
        amount = round(rng.uniform(1, 900), 2)
        extra = {"result": str(amount)}
        text = rng.choice([extra["result"], f"{amount} {values['to']}"])
        body = {"result": amount, "currency": values["to"]}
    elif domain in ("stock", "price"):
        extra = {"price": f"{rng.uniform(1, 900):.2f}"}
        text = rng.choice([extra["price"], f"Price: {extra['price']}"])
        body = {"price": extra["price"]}
    elif domain == "phone":
        extra = {"phone": f"{rng.randint(100, 999)}-{rng.randint(1000, 9999)}"}
        text = rng.choice([extra["phone"], f"{values['name']}: {extra['phone']}"])
        body = {"name": values["name"], "phone": extra["phone"]}
    elif domain == "distance":
        extra = {"km": rng.randint(11, 2999)}
        text = rng.choice([f"{extra['km']} km", str(extra["km"])])
        body = {"km": extra["km"]}
    elif domain == "order":
        i = rng.randrange(len(STATUSES))
        extra = {"status_index": i}
        text = rng.choice([STATUSES[i], STATUSES[i].capitalize()])
        body = {"id": values["code"], "status": STATUSES[i]}
    elif domain in ("dice", "custom"):
        extra = {"result": rng.randint(1, values.get("sides", 99))}
        if domain == "custom" and rng.random() < 0.5:
            extra = {"result": made_up(rng)}
        text, body = str(extra["result"]), {"result": extra["result"]}
    else:
        return text, extra
    if rng.random() < 0.45:
        text = _json_text(rng, body)
    elif rng.random() < 0.15:
        text = json.dumps(text, ensure_ascii=False)
    return text, extra
