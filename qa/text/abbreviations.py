"""Abbreviations by language, and whether the full stop of one also ends a sentence."""

import re
from typing import Literal, NamedTuple

from qa.text.language import STARTERS

# What the full stop of an abbreviation says before a capital letter. Before a small letter none ends a sentence.
# title: goes on, as "Dr." does. numbered: goes on before a number, as "Fig." does. open: goes on unless the next word often
# begins a sentence, as in "Acme Inc. The". last: ends it, as "etc." does.
# word: is none, though the splitter takes it for one.
Kind = Literal["title", "numbered", "open", "last", "word"]

UNKNOWN = ""  # the language of a text whose words do not tell it

# A word with a capital letter must be written with it: "Sat." but not "sat."
_TABLES: dict[str, dict[Kind, str]] = {
    "": {
        "title": "dr prof mr mrs ms Mme Mlle hr sra srta dra ing dipl e.g i.e z.b vs cf vgl",
        "numbered": "nr no nos fig figs vol vols p pp art arts tel ext",
        "open": "jan feb febr apr aug sept sep oct okt nov dec dez jr sr st ca approx inc ltd co corp max min mio mrd",
        "last": "etc",
    },
    "en": {
        "title": "mr mrs ms dr prof rev hon Gen Col Maj capt cmdr lt sgt cpl pvt Adm gov sen Rep Pres supt insp messrs mme"
        " mlle fr atty msgr vs v cf e.g i.e viz trans Ald Amb Asst Brig Det",
        "numbered": "no nos vol vols p pp para paras sec secs art arts ch chap chaps pt pts eq eqs ex exs ref refs tab app"
        " ext cl sch ver n nn line ll fol fols",
        "open": "Jan Feb Mar Apr Jun Jul Aug Sept Sep Oct Nov Dec Mon Tue Tues Wed Thu Thur Thurs Fri Sat Sun inc ltd co"
        " corp bros jr sr st ave rd blvd ln sq pl Sqn dept univ assn assoc est mt ft approx ca c max Min al ed eds op plc"
        " cit fig figs Fig Figs Ala Ariz Ark Calif Colo Conn Del Fla Ga Ill Ind Kan Ky La Md Mich Minn Miss Mo Mont Neb"
        " Nev Okla Ore Pa Tenn Tex Va Vt Wash Wis Wyo Ont Que",
        "last": "etc a.m p.m",
        "word": "may march june july",
    },
    "de": {
        "title": "dr prof hr hrn Fr fa st hl dipl ing dipl.-ing Mag med phil jur rer nat vgl gem sog ca bzw ggf evtl inkl"
        " exkl zzgl geb gest verh bspw insb hrsg z.b d.h v.a zw allg ehem eigtl urspr frz engl lat griech dt röm kath ev"
        " bes betr einschl entspr ident lfd nördl südl östl westl tägl jährl wg gen kgl",
        "numbered": "art abs nr nrn s bd bde kap aufl ziff tel abb tab § rn rdnr anm fn jg h hs sp z jan lt max mind",
        "open": "febr feb mär apr jun jul aug sept okt nov dez Mo Di Mi Do Sa So mio mrd tsd Str jr sen co std min sek jh"
        " jhd jahrh",
        "last": "usw etc ff f",
        "word": "mai",
    },
    "fr": {
        "title": "M MM Mme Mlle dr pr prof Me mgr st ste gén col cdt cne lt bd boul c.-à-d p.ex ex cf apr env rééd adj soc"
        " ets sté dép",
        "numbered": "art al p pp vol t éd chap fig no n nos h min tél par § tab ann pl f ff fol liv sept",
        "open": "janv févr fév avr juil oct nov déc av j.-c s.a s.a.r.l max",
        "last": "etc suiv",
        "word": "mars mai juin",
    },
    "es": {
        "title": "sr sra sres sras srta dr dra d dña da prof profa gral cap cnel cmdte tte sgto lic ing arq avda av pza pl"
        " ud uds vd vds exmo exma excmo excma ilmo ilma mons fr sto sta ee pdte dpto p.ej ej cf vid véase apdo",
        "numbered": "art arts núm núms n.º n nº pág págs párr párrs vol vols t tel tels fig figs ap inc caps p pp ss",
        "open": "ee.uu ff ene feb abr may jun jul ago sept set oct nov dic cía s.a s.l a.c d.c aprox máx mín mill temp izq"
        " dcha jr",
        "last": "etc",
        "word": "mar sol",
    },
    "it": {
        "title": "dott dott.ssa dr sig sig.ra sigg sig.na avv prof prof.ssa ing geom arch rag gen col cap ten magg card on"
        " sen mons s ss f.lli p.es es cfr ca circa spett egr gent v",
        "numbered": "art artt pag pagg n nn vol voll ed capp fig figg tab int co tel sec p pp lett cpv par",
        "open": "genn febbr apr magg giu lug ag sett ott nov dic s.p.a s.r.l a.c d.c max min mln mld jr",
        "last": "ecc segg",
        "word": "mar",
    },
    "nl": {
        "title": "dhr mevr mw mej dr prof ir ing mr mrs drs ds fa fam bijv o.a d.w.z m.i.v t.a.v i.v.m m.b.t n.a.v a.u.b"
        " z.k.h h.m zgn resp incl excl vgl jhr gen kapt lt ca geb gest",
        "numbered": "blz art nr nrs par hfdst hst p pp pag tel jg afb fig tab vol dl lid bl jan",
        "open": "st febr feb mrt apr jun jul aug sept okt nov dec b.v n.v e.v mln mld max min str v.chr n.chr jl co kol",
        "last": "enz e.d etc e.a",
        "word": "mei",
    },
    "pl": {
        "title": "prof dr hab inż mgr św ks gen płk ppłk mjr kpt sierż ul tzw m.in np wg tj tzn zob oprac tłum bp abp kard"
        " dyr pt",
        "numbered": "art ust pkt nr s str t z poz rozdz rys tab wyd tel p par lit ryc vol ok jan",
        "open": "sp o.o s.a stycz kwiet czerw sierp wrz paźdz grud sty lut kwi cze sie paź gru mln mld tys godz proc jr"
        " p.n.e n.e im lek por red al pl os woj pow gm ob",
        "last": "itd itp r w ww etc",
        "word": "maj lip lis list luty",
    },
    "pt": {
        "title": "sr sra srs sras srta dr dra prof profa eng arq gen cel maj cap ten sgt d s st sto sta av r pe fr exmo exma"
        " ex.ª ilmo v p.ex ex cf dep mons trav pç lgo",
        "numbered": "art arts n n.º nº pág págs p pp caps vol vols t ed fls fl tel apto séc sécs inc al als fig figs par",
        "open": "jan fev abr mai jun jul ago set out nov dez ltda lda cia s.a a.c d.c aprox máx mín temp jr",
        "last": "etc ss",
        "word": "mar",
    },
    "ru": {
        "title": "ул просп наб бул проф акад доц ген полк св см ср напр т.е т.к т.н т.ч пос дер обл г-н г-жа тов макс мин"
        " прибл изд-во сост перев букв кв корп",
        "numbered": "с стр рис табл гл ст п пп ч разд § вып том т тт № тел прим прил оф д",
        "open": "янв февр фев мар апр июн июл авг сент окт нояб ноя дек млн млрд тыс руб коп чел им род пр пл пер ок ум ред"
        " гр",
        "last": "г гг в вв э др т.д т.п н.э",
    },
    "sv": {
        "title": "hr dr prof s:t s:ta bl.a t.ex dvs d.v.s fr.o.m t.o.m ca kapt gen öv löjtn jfr jmf s.k p.g.a resp inkl exkl"
        " enl ev f.d fil kand ing",
        "numbered": "kl nr sid s kap st mom tel anm fig tab art bd p pp vol § jan max min",
        "open": "fr febr feb apr jun jul aug sept sep okt nov dec milj mdr f.kr e.kr co jr f",
        "last": "osv m.m m.fl etc o.s.v o.d kr",
        "word": "maj mars juni juli",
    },
    "da": {
        "title": "hr fr frk dr prof skt bl.a f.eks dvs d.v.s ca fx jf jvf inkl ekskl kapt gen adv ing cand",
        "numbered": "kl nr s sd kap stk tlf anm fig tab art bd pkt § jan",
        "open": "febr feb apr jun jul aug sept sep okt nov dec mio mia f.kr e.kr kbh st th tv",
        "last": "osv m.m m.fl etc mv o.l kr",
        "word": "maj marts juni juli",
    },
}  # fmt: skip
_TABLES["nb"] = _TABLES["da"]
_ORDINALS = frozenset({"de", "da", "nb", UNKNOWN})  # write "3." for "third", before words with a capital letter too
# What may stand between a given name and a family name, though the same words begin sentences.
_PARTICLE_WORDS = "de di da do dos du des del della la le lo van von den der ten ter het zu af al el"
_PARTICLES = frozenset(
    [
        "de",
        "di",
        "da",
        "do",
        "dos",
        "du",
        "des",
        "del",
        "della",
        "la",
        "le",
        "lo",
        "van",
        "von",
        "den",
        "der",
        "ten",
        "ter",
        "het",
        "zu",
        "af",
        "al",
        "el",
    ]
)
_VOWELLESS = re.compile(r"[A-Z]?[b-df-hj-np-tv-xzß]{2,}")  # "Sqn", "Bldg"
_UNITS = "km cm mm kg mg ml kw mw mph kmh hz db tv"  # written without a full stop
_METRIC = frozenset(
    ["km", "cm", "mm", "kg", "mg", "ml", "kw", "mw", "mph", "kmh", "hz", "db", "tv"]
)  # written without a full stop
_YEAR = frozenset(["г", "гг", "в", "вв", "r", "w", "ww"])  # years and centuries, after a number; before a name "г." is a town
_ARTICLE = re.compile(
    r"(?:^|\W)(?:der|die|das|den|dem|des|am|im|vom|zum|zur|beim|ab|bis|seit|und|dieser?|unser\w*|ihr\w*|sein\w*|jede[rsnm]?|det)\s$",
    re.I,
)
_PREFIX = re.compile(r"^.*-(?=..)")  # of "Tel.-Nr"
_ROMAN = re.compile(r"\b[IVXLC]+\s$")
_DOTTED = re.compile(r"(?:[^\W\d_]{1,3}\.-?)+[^\W\d_]{1,3}")  # "U.S", "Ph.D", "п.п"
_FEW_WORDS = 3  # "W 1950 r. Nowak": so few words are no sentence
_NUMBER = re.compile(r"\s*[(\[]?(?:\d|[IVXLC]+\b|[№§])")
_CLOCK = re.compile(
    r"\s*(?:[ECMP][SD]?T|GMT|UTC|BST|CET|CEST|IST|JST|KST|AEST|(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|[A-Z][a-z]+ time)\b"
)
_WORD = re.compile(r"[\s\"'“”„«»‘(\[¿¡—–-]*(?P<word>[^\W\d_]+)(?P<stop>\.)?")
_TOKEN = re.compile(r"[^\s\"'“”„«»‘’(\[¿¡—–/]+$")


class _Rules(NamedTuple):
    in_any_case: dict[str, Kind]
    as_written: dict[str, Kind]


def _rules(language: str) -> _Rules:
    rules = _Rules({}, {})
    for table in (_TABLES[""], _TABLES[language]):
        for kind, words in table.items():
            for word in words.split():
                (rules.in_any_case if word == word.lower() else rules.as_written)[word] = kind
    return rules


_RULES = {language: _rules(language) for language in _TABLES if language}
_RULES[UNKNOWN] = _Rules({}, {})  # those of all languages, English last, since it wins
for _language in sorted(_TABLES, key=lambda language: language == "en"):
    for _into, _from in zip(_RULES[UNKNOWN], _rules(_language), strict=True):
        _into.update({word: kind for word, kind in _from.items() if _language == "en" or len(word) > 2})


def goes_on(before: str, after: str, language: str) -> bool | None:
    """Tell whether a sentence goes on after an abbreviation, an initial or an ordinal number.

    Args:
        before: the sentence up to a full stop, without it.
        after: the text from there on, with the white space between, before a word that does not begin with a small letter.

    Returns:
        None if the word before the full stop is none of these.
    """
    match = _TOKEN.search(before)
    if match is None:
        return None
    word, lead = match.group(), before[: match.start()]
    if word.isdecimal():
        return _is_ordinal(word, lead, language) or None
    kind = _kind(word, lead, language)
    if kind in (None, "title"):
        return True if kind else None
    if kind == "numbered":
        return bool(_NUMBER.match(after)) or None
    if kind == "open":
        return not begins_sentence(after, language)
    if kind == "initial":
        return not begins_sentence(after, language, after_initial=True)
    is_short = word.lower() in _YEAR and len(before.split()) <= _FEW_WORDS
    return is_short or (word.lower().endswith(".m") and bool(_CLOCK.match(after)))


def _kind(word: str, lead: str, language: str) -> Kind | Literal["initial"] | None:
    rules, plain = _RULES.get(language, _RULES["en"]), word.lower()
    if plain in _YEAR and not (lead.rstrip()[-1:].isdigit() or _ROMAN.search(lead)):
        return "title" if plain == "г" else "open"
    with_last = lead.rpartition(" ")[0].rpartition(" ")[2].lower() + plain  # "a. C" is "a.c"
    if kind := rules.in_any_case.get(with_last) or rules.as_written.get(word):
        return kind
    if len(word) == 1 and word.isupper():
        return "word" if word == "I" and lead and language == "en" else "initial"
    if kind := rules.in_any_case.get(plain) or rules.in_any_case.get(_PREFIX.sub("", plain)):
        return kind
    if plain.endswith("str") and language in ("de", "nl", UNKNOWN):
        return "numbered"
    if len(word) == 1 and word.isalpha():
        return "initial"
    if _DOTTED.fullmatch(word):
        return "open"
    return "open" if _VOWELLESS.fullmatch(word) and plain not in _METRIC else None


def _is_ordinal(word: str, lead: str, language: str) -> bool:
    return language in _ORDINALS and len(word) <= 2 and bool(_ARTICLE.search(lead))


def begins_sentence(after: str, language: str, *, after_initial: bool = False) -> bool:
    """Tell whether a text begins with white space and a word that often begins sentences, and is not a name.

    Args:
        after_initial: whether an initial stands before, so that "de" or "van" may belong to the name.
    """
    match = _WORD.match(after)
    if match is None or not after[0].isspace():
        return False
    word = match["word"]
    if (match["stop"] and len(word) == 1) or (len(word) > 1 and word.isupper()):
        return False  # another initial, or an acronym
    if after_initial and word.lower() in _PARTICLES:
        return False
    return word.lower() in STARTERS.get(language, STARTERS["en"])
