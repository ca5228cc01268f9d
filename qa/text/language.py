"""The language of a text: identified by a trained model where there is enough of it, else told by script and frequent words.

`identify_language` is for articles, and says nothing where it is not sure. `detect_language` is for questions and sentences,
however short, and needs no model.
"""

import re
from collections import Counter, defaultdict
from functools import cache
from typing import Any

_SAMPLE = 20_000  # code points that are read of a text
_MODEL_SAMPLE = 2_000  # characters; identifying their language takes a quarter of a millisecond
_MIN_LETTERS = 40  # fewer are a name or a heading, for which the model's guess is often wrong
_MIN_PROBABILITY = 0.8  # which 100 letters of English reach in 19 of 20 cases
_LEAD = 1.25  # how many times as many frequent words as any other language the language of a text must have
_WORD = re.compile(r"[^\W\d_]+")

# Words that often begin a sentence, and after the stroke other frequent words.
_WORDS = {
    "da": "jeg du han hun det den de vi der en et i på efter før under da når hvis men og fordi hvem hvad hvor hvornår"
    " hvorfor hvordan ingen alle disse denne dette | at er af til som med har ikke ved fra var blev også hvilken mange"
    " sig havde",
    "de": "der die das ein eine er sie es wir ich ihr du man dies diese dieser dieses jene in im am an auf aus bei mit nach"
    " vor seit während für gegen ohne um unter über zwischen und aber oder denn doch sondern wenn als weil obwohl da"
    " dann danach dort hier heute gestern morgen wer was wo wann warum wie welche welcher welches wieviel kein keine"
    " niemand alle viele einige mehrere beide auch nur so nun jetzt später zuerst schließlich trotzdem deshalb daher"
    " damit sein seine ihre unser sonst laut | den dem des einen einem einer nicht ist war sind waren wird wurde"
    " wurden hat haben hatte sich von zu zum zur dass noch mehr",
    "en": "the a an he she it they we you i this that these those there here his her its their our my your one no not none"
    " nobody everyone somebody someone nothing everything all both each every many most some several few other others"
    " such and but or nor so yet if when while after before since until because although though as unless once whether"
    " then thus hence however moreover meanwhile still also even only just now today yesterday tomorrow later soon"
    " perhaps maybe in on at by for from with without under over between during despite against among about within"
    " through to of until according who whom whose what which where why how did does do is are was were will would"
    " could should can may yes let please according | be been has have had than him them into out up much too very"
    " more",
    "es": "el la los las un una unos unas él ella ellos ellas yo nosotros usted ustedes esto esta este estos estas ese esa"
    " eso aquel aquella su sus mi nuestro en con sin por para según sobre entre desde hasta hacia durante tras ante"
    " bajo contra a al de del y pero o aunque porque si cuando mientras como donde después antes luego entonces"
    " también tampoco no ya hoy ayer mañana quién qué cuál cuándo cuánto cuánta cuántos cuántas cómo dónde nadie todo"
    " toda todos todas muchos algunos otro otra ambos cada así además sin hay era fue | que se lo le les es son está"
    " están han ha había más muy e ni quien cual",
    "fr": "le la les l un une des il elle ils elles on nous vous je tu ce cet cette ces cela ceci c son sa ses leur leurs"
    " mon notre en dans sur sous avec sans par pour selon entre depuis pendant vers chez contre avant après à au aux"
    " de du d et mais ou or ni donc car si quand lorsque comme puisque parce puis ensuite alors enfin aussi ainsi hier"
    " aujourd demain qui que quel quelle quels quelles quand combien comment où pourquoi personne tout tous toutes"
    " plusieurs certains chaque autre malgré lors non oui | ne pas est sont était étaient fut été a ont avait se s qu"
    " y plus très même dont n eu",
    "it": "il lo la i gli le un uno una egli lui lei essi loro noi voi io questo questa questi queste quello quella ciò suo"
    " sua in nel nella con senza per secondo su sul tra fra da dal dalla di del della dei a al alla e ma o però perché"
    " se quando mentre come dove dopo prima poi allora anche non oggi ieri domani chi che cosa quale quali quanto"
    " quanta quanti quante nessuno tutti tutto ogni molti alcuni altro così inoltre oltre durante l | è sono era erano"
    " ha hanno aveva si ne ci più delle degli agli nei dello sia cui",
    "nb": "jeg du han hun det den de vi der en et i på etter før under da når hvis men og fordi hvem hva hvor hvorfor"
    " hvordan ingen alle disse denne dette | at er av til som med har ikke ved fra var ble også hvilken mange seg"
    " hadde å",
    "nl": "de het een hij zij ze wij we ik jij je u dit dat deze die zijn haar hun ons onze in op aan uit bij met na voor"
    " sinds tijdens zonder om onder over tussen tegen volgens van en maar of want dus toch als toen wanneer omdat"
    " hoewel terwijl dan daarna daar hier vandaag gisteren morgen wie wat waar waarom hoe welke hoeveel niemand geen"
    " alle veel enkele beide ook nog nu later daarom er iedereen ieder elk | niet is was waren werd wordt worden heeft"
    " hebben had te ten ter door naar tot zich meer",
    "pl": "ten ta to ci te on ona ono oni one my wy ja ty jego jej ich nasz w we na z ze do od po przed przez dla bez pod"
    " nad między przy o u za według i a ale lub albo jednak więc bo gdy kiedy jeśli jeżeli choć ponieważ jak gdzie"
    " potem później wtedy teraz dziś wczoraj jutro tam tu tutaj kto co który która które ile czemu dlaczego czy nikt"
    " nic wszyscy wszystko każdy wiele kilka inny też także tylko już jeszcze nie tak podczas obok oboje | się jest są"
    " był była było były być że oraz go mu jako którzy aby",
    "pt": "o a os as um uma uns umas ele ela eles elas eu nós você vocês isto isso este esta estes estas esse essa aquele"
    " aquela seu sua seus suas em no na nos nas com sem por para pelo pela segundo sobre entre desde até durante após"
    " contra de do da dos das e mas ou porém embora porque se quando enquanto como onde depois antes então também não"
    " já hoje ontem amanhã quem qual quais quanto quanta quantos quantas que ninguém todo toda todos todas muitos"
    " alguns outro outra ambos cada assim além há à ao | é são foi era eram está estão tem têm havia mais muito lhe um",
    "ru": "он она оно они мы вы я ты это этот эта эти тот та те то его её ее их наш мой в во на с со к ко от до по из за"
    " для без под над между при о об у около после перед через во время и а но или однако зато если когда пока хотя"
    " потому что как где там тут здесь потом затем тогда теперь сегодня вчера завтра кто какой какая какое какие"
    " сколько почему зачем куда никто ничто все всё каждый многие некоторые другой другие также тоже только уже ещё не"
    " так согласно несмотря | был была было были есть чтобы же бы ли чем который которая которые себя стоило",
    "sv": "jag du han hon det den de vi ni en ett i på efter före under med utan för från till mot mellan över om när då"
    " medan men och eller eftersom fast så sedan där här idag igår vem vad var vilken vilket vilka hur varför ingen"
    " alla många några båda denna detta dessa hans hennes deras enligt inte bara också nu senare därför | att är av"
    " som har hade blev sig kan ska vid än mer å skulle vilja",
    "uk": "він вона воно вони ми ви я ти це цей ця ці той та те його її їх у в на з із до від по за для без під над між при"
    " про і й а але або якщо коли поки хоча тому як де там тут потім тоді тепер сьогодні вчора хто що який яка яке які"
    " скільки чому куди ніхто все кожен також тільки вже ще не так | був була було були є щоб же бо ж",
}  # fmt: skip
STARTERS = {language: frozenset(words.partition("|")[0].split()) for language, words in _WORDS.items()}
FREQUENT = {language: frozenset(words.replace("|", " ").split()) for language, words in _WORDS.items()}
_LANGUAGES_OF: defaultdict[str, list[str]] = defaultdict(list)
for _language, _words in FREQUENT.items():
    for _word in _words:
        _LANGUAGES_OF[_word].append(_language)

# Letters that only one of these languages has, or nearly so. They count as much as a frequent word.
_LETTERS = {"¿": "es", "¡": "es", "ñ": "es", "ß": "de", "ł": "pl", "ż": "pl", "ę": "pl", "ą": "pl", "ś": "pl", "ć": "pl",
            "ã": "pt", "õ": "pt", "ï": "fr", "œ": "fr", "î": "fr", "û": "fr", "ы": "ru", "э": "ru", "ъ": "ru",
            "і": "uk", "ї": "uk", "є": "uk"}  # fmt: skip
_SCRIPTS = (
    ("ko", re.compile(r"[\u1100-\u11ff\uac00-\ud7a3]")),
    ("th", re.compile(r"[\u0e00-\u0e7f]")),
    ("ar", re.compile(r"[\u0600-\u06ff]")),
    ("he", re.compile(r"[\u0590-\u05ff]")),
    ("el", re.compile(r"[\u0370-\u03ff]")),
    ("hi", re.compile(r"[\u0900-\u097f]")),
    ("ka", re.compile(r"[\u10a0-\u10ff]")),
    ("hy", re.compile(r"[\u0530-\u058f]")),
)
_KANA, _HAN, _CYRILLIC = re.compile(r"[\u3040-\u30ff]"), re.compile(r"[\u3400-\u9fff]"), re.compile(r"[\u0400-\u04ff]")
_MOSTLY = 0.5  # share of the letters
_LEAST_KANA = 0.05  # share of kana among kana and Chinese characters in Japanese


def identify_language(text: str) -> str | None:
    """Return the language in ISO 639-1, or None if there is too little text or the choice is not clear."""
    sample = text[:_MODEL_SAMPLE]
    if sum(map(str.isalpha, sample)) < _MIN_LETTERS:
        return None
    language, probability = load_identifier().classify(sample)
    return language if probability >= _MIN_PROBABILITY and len(language) == 2 else None


@cache
def load_identifier() -> Any:
    """Load the model, once. It is unpacked into a temporary file, which a confined process may not write."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)


def detect_language(text: str) -> str | None:
    """Return the language of a text in ISO 639-1, or None if the words do not tell.

    Chinese stands for every text in Chinese characters alone, which a short Japanese one may be.
    """
    sample = text[:_SAMPLE]
    words = _WORD.findall(sample.casefold())
    n_letters = sum(map(len, words))
    if not n_letters:
        return None
    if not sample.isascii():
        kana, han = (len(script.findall(sample)) for script in (_KANA, _HAN))
        if 2 * (kana + han) >= _MOSTLY * n_letters:  # a character says as much as two letters
            return "ja" if kana >= _LEAST_KANA * (kana + han) else "zh"
        for language, script in _SCRIPTS:
            if len(script.findall(sample)) >= _MOSTLY * n_letters:
                return language
    return _by_words(sample, words, n_letters)


def _by_words(sample: str, words: list[str], n_letters: int) -> str | None:
    hits = Counter(language for word in words for language in _LANGUAGES_OF.get(word, ()))
    hits.update(_LETTERS[character] for character in sample.casefold() if character in _LETTERS)
    ranked = hits.most_common(2)
    if ranked and (len(ranked) == 1 or ranked[0][1] >= _LEAD * ranked[1][1]):
        return ranked[0][0]
    if not sample.isascii() and len(_CYRILLIC.findall(sample)) >= _MOSTLY * n_letters:
        return "ru"
    return None
