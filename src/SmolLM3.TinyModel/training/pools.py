"""Word pools: cities, people, phrases and made-up words. HELD_OUT_* never appear in training data."""
import random

CITIES = """Paris London Berlin Madrid Rome Vienna Prague Warsaw Budapest Dublin Oslo Stockholm Helsinki Copenhagen
Brussels Amsterdam Athens Lyon Marseille Bordeaux Nantes Toulouse Lille Nice Hamburg Munich Cologne Frankfurt
Stuttgart Leipzig Dresden Bremen Hannover Barcelona Valencia Seville Bilbao Granada Milan Naples Turin Venice
Florence Genoa Bologna Palermo Verona Coimbra Braga Faro Brasilia Salvador Recife Curitiba Manaus Tokyo Osaka Kyoto
Beijing Shanghai Delhi Mumbai Seoul Bangkok Hanoi Manila Jakarta Singapore Sydney Melbourne Perth Auckland Cairo
Nairobi Lagos Accra Tunis Algiers Dakar Boston Chicago Denver Dallas Houston Miami Seattle Portland Atlanta Detroit
Phoenix Austin Toronto Montreal Ottawa Vancouver Quebec Havana Bogota Lima Quito Caracas Santiago Montevideo Istanbul
Ankara Baghdad Tehran Riyadh Dubai Doha Moscow Kyiv Minsk Riga Vilnius Tallinn Zurich Geneva Basel Bern Salzburg Graz
Linz Krakow Sofia Bucharest Belgrade Zagreb Split Glasgow Leeds Bristol Oxford Liverpool Cardiff Belfast Cork York
Reykjavik Bergen Malmo Tampere Utrecht Rotterdam Antwerp Ghent Rouen Dijon Metz Nancy Brest Rennes Tours Grenoble
Münster Nürnberg Düsseldorf Köln München Wien Zürich Málaga Córdoba Cádiz León Bogotá México São_Paulo Belém Évora
Orléans Besançon Nîmes Milano Roma Napoli Torino Firenze Venezia Lisboa Londres Berlín Londra Parigi Berlino Paříž
New_York Los_Angeles San_Francisco San_Diego Las_Vegas New_Delhi Hong_Kong Buenos_Aires Rio_de_Janeiro Cape_Town
Kuala_Lumpur Tel_Aviv Saint_Malo La_Paz San_José Santa_Cruz Porto_Alegre Mexico_City Salt_Lake_City Lisbon""".split()
CITIES = [c.replace("_", " ") for c in CITIES]

HELD_OUT_CITIES = """Porto Edinburgh Zaragoza Heidelberg Montpellier Strasbourg Bari Trieste Aveiro Fortaleza Nagoya
Sapporo Karachi Lahore Casablanca Marrakesh Philadelphia Baltimore Nashville Cleveland Calgary Winnipeg Guayaquil
Medellín Asunción Potsdam Rostock Freiburg Innsbruck Luzern Gdansk Poznan Brno Debrecen Thessaloniki Izmir Aarhus
Uppsala Turku Manchester Sheffield Galway Alicante Murcia Pisa Parma Setúbal Goiânia Brisbane Adelaide""".split()

NAMES = """Anna Paul Marie Peter Laura Thomas Julia Martin Sophie Lucas Emma Hugo Léa Louis Chloé Nina Max Felix Lena
Jonas Mia Leon Hannah Klaus Jürgen Carlos Maria José Lucía Pablo Elena Diego Carmen Javier Giulia Marco Luca Paolo
Chiara Matteo Francesca Giovanni João Pedro Ana Tiago Inês Rita Miguel Beatriz John Mary James Robert Linda David
Susan Michael Sarah William Karen Alice Bob Charlie Diana Edward Frank Grace Henry Isabel Jack Kate Liam Noah Olivia
Peggy Quentin Rachel Steve Tina Victor Wendy Xavier Yasmin Zoe Ahmed Fatima Omar Yuki Kenji Ravi Priya Chen Wei Ivan
Olga Sven Ingrid Lars Astrid Tomas Petra Andrei Mihai Sam Tom Ben Kim Eva Ida Otto Emil Clara Simon""".split()

HELD_OUT_NAMES = """Gwendolyn Bertrand Roderick Penelope Isolde Ferdinand Cordelia Leopold Magdalena Esteban Graciela
Vittoria Domenico Henrique Fernanda Sigrid Thorsten Wilhelmina Aurélie Thibault Nadia Samir Keiko Anouk Dmitri
Svetlana Mohammed Leila Patrick Harriet""".split()

HELD_OUT = {*HELD_OUT_CITIES, *HELD_OUT_NAMES}

SYLLABLES = {
    "en": "ton ford ham burg well wick dale brook ash hol mar nor wes ster ling ker bur field har stan bel mor",
    "fr": "vil mont beau roche saint char lan gny court mer lou ville clar or bri gne ais val res nan tou",
    "es": "val ver mon rio san ta gue rra do ma la cor te jo lin na ces ca be pal",
    "de": "berg heim stein dorf wald bach hau sen feld burg gen lin kir wei schwa ober nie der rot",
    "it": "mon te val bel lo ri no sca gno pia cen za tor re vil la ver na pe ro ca",
    "pt": "vi la por to ri bei ra gua mar ção ma ce do al me da pon te lou sa bra",
}
SYLLABLES = {k: v.split() for k, v in SYLLABLES.items()}
CONS, VOWELS = "b c d f g h j k l m n p r s t v w x z br cr dr gr kl pl sh st th tr".split(), "aeiou"
ENDS = ["", "", "n", "r", "s", "l", "k", "x", "m", "th"]

THINGS = """buy milk|call the bank|water the plants|pay the rent|feed the cat|walk the dog|clean the kitchen|book a flight
send the report|wash the car|read the book|fix the bike|order pizza|visit grandma|take the medicine|renew the passport
print the tickets|charge the phone|study history|learn piano|cook dinner|pack the bags|check the mail|close the window
red shoes|blue jacket|green tea|coffee machine|garden table|mountain bike|office chair|water bottle|winter coat
black holes|solar panels|cheap hotels|jazz music|old maps|electric cars|healthy recipes|train tickets|chess rules
team lunch|project review|yoga class|dentist|birthday party|weekly meeting|piano lesson|budget planning""".replace("\n", "|").split("|")
ADJ = "red blue green old new small big cheap fast slow dark light warm cold fresh quiet silver golden round soft".split()
NOUN = """lamp table chair phone car bike book house garden river mountain cat dog bird fish train ticket hotel recipe
song film camera jacket shirt bottle window door laptop printer clock bridge museum park lake castle""".split()
SYMBOLS = "AAPL MSFT GOOG AMZN TSLA NVDA META IBM SAP BMW ORCL INTC AMD NKE DIS KO PEP VOW BAS AIR".split()


def made_up(rng, syllables=None):
    """A word made of syllables, never one of the held-out names."""
    while True:
        count = syllables or rng.choice([2, 2, 2, 3, 3])
        if rng.random() < 0.5:
            pool = SYLLABLES[rng.choice(list(SYLLABLES))]
            word = "".join(rng.choice(pool) for _ in range(count))
        else:
            word = "".join(rng.choice(CONS) + rng.choice(VOWELS) for _ in range(count)) + rng.choice(ENDS)
        word = word.capitalize()
        if word not in HELD_OUT:
            return word


class Pools:
    """Draws values. `held_out` selects the disjoint evaluation pool."""

    def __init__(self, rng: random.Random, held_out=False):
        self.rng, self.held_out = rng, held_out

    def city(self):
        if self.held_out:
            return self.rng.choice(HELD_OUT_CITIES)
        return self._unseen() if self.rng.random() < 0.6 else self.rng.choice(CITIES)

    def name(self):
        if self.held_out:
            return self.rng.choice(HELD_OUT_NAMES)
        return self._unseen() if self.rng.random() < 0.55 else self.rng.choice(NAMES)

    def _unseen(self):
        word = made_up(self.rng)
        return word if self.rng.random() < 0.93 else word + " " + made_up(self.rng)

    def phrase(self):
        r = self.rng.random()
        if r < 0.4:
            return self.rng.choice(THINGS)
        if r < 0.75:
            return self.rng.choice(ADJ) + " " + self.rng.choice(NOUN)
        return self.rng.choice(NOUN) + " " + made_up(self.rng).lower() if r < 0.85 else made_up(self.rng)

    def number(self):
        return self.rng.choice([self.rng.randint(1, 20), self.rng.randint(1, 100), self.rng.randint(100, 999),
                                self.rng.randint(1, 60), self.rng.randint(1000, 9999)])

    def small(self):
        return self.rng.randint(2, 59)

    def symbol(self):
        if self.rng.random() < 0.5:
            return self.rng.choice(SYMBOLS)
        return "".join(self.rng.choice("ABCDEFGHIJKLMNOPRSTUVWXZ") for _ in range(self.rng.choice([3, 4])))

    def code(self):
        return self.rng.choice(["A", "B", "X", "Z", "K"]) + str(self.rng.randint(10, 9999))
