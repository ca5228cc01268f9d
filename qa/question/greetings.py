"""Small talk: greetings, thanks and questions about Pullquote itself, which get a line of help and no search."""

import re

_NOT_WORDS = re.compile(r"[^\w']+")

# Each pattern must match the whole text, in lower case and without punctuation. A question that only begins like small
# talk ("Hello Kitty's inventor?", "help for refugees") is searched for.
_ADDRESSED = r"(?: (?:there|again|all|everyone|everybody|friend|pullquote|bot))?"
_HELLO = (
    r"(?:(?:hello|hi|hey|hiya|howdy|greetings|hallo|hola|bonjour|salut|ciao|moin|servus|guten (?:tag|morgen|abend)"
    rf"|good (?:morning|afternoon|evening|day)){_ADDRESSED}|how are you(?: doing)?(?: today)?|how do you do|what's up"
    r"|nice to meet you)"
)
_VERY = r"(?: (?:a lot|so much|very much|again|for (?:your|the|that) (?:help|answers?)|pullquote))*"
_THANKS = (
    rf"(?:(?:(?:ok|okay|great|perfect|good|no) )?(?:thanks|many thanks|thank you|thx|cheers|danke|merci|gracias){_VERY}"
    r"|ok|okay|great|cool|nice|perfect|awesome|wonderful|excellent|well done|got it|i see|that helps|that helped"
    r"|(?:good)?bye(?: bye)?|good bye|good night|see you(?: later| soon)?|tschüss|au revoir|adios)"
)
_PULLQUOTE = r"(?:you|pullquote|this (?:program|tool|app|page|site|website|assistant|chat|chatbot|bot))"
_ARTICLES = r"(?:(?:(?:my|your|more|new|own|other|an?|some) )*(?:articles?|files?|documents?|texts?|sources?))"
_NATURE = (
    r"(?:(?:(?:an?|the|really|just|using|based on|powered by|artificial|real|large|some|kind of) )*"
    r"(?:chat ?gpt|gpt ?\d?|openai|claude|gemini|siri|alexa|copilot|ai|intelligence|bot|chat ?bot|robot|human|person"
    r"|machine|computer|program|assistant|search engine|llm|(?:language )?model|alive|real))"
)
_ABOUT_PULLQUOTE = (
    r"help(?: me)?|i need (?:some )?help|(?:can|could|will) you help(?: me)?",
    r"who are you|what are you|who is (?:this|pullquote)|introduce yourself",
    r"who am i (?:talking|speaking|chatting) (?:to|with)",
    rf"what is pullquote|what's pullquote|what is {_PULLQUOTE}(?: for)?|what does {_PULLQUOTE} do",
    r"what(?:'s| is) your (?:name|purpose|job)|do you have a name|what are you called|how old are you",
    r"what (?:can|do) you do(?: for me)?|what are you (?:able to do|for|good at)",
    r"what are your (?:abilities|capabilities|features)|tell me about (?:you|yourself|pullquote)",
    r"(?:what|how) can you help(?: me)?(?: with)?|how (?:could|will) you help(?: me)?",
    rf"how (?:do|does) {_PULLQUOTE} work|how (?:do|can|should) i (?:use|work with|talk to|ask) {_PULLQUOTE}",
    r"how (?:do|can|should) i (?:ask|search|start|begin)(?: you)?(?: an?| my| the)?(?: questions?)?",
    r"what (?:can|should|may|could) i (?:ask|do|say|type)(?: you)?(?: here)?|what questions can (?:i ask|you answer)",
    rf"how (?:do|can|should) i (?:add|load|remove|delete|upload|import) {_ARTICLES}",
    rf"(?:what|which|how many) {_ARTICLES} (?:do|did|have|can) you (?:have|know|read|search|use)",
    r"what do you know|what have you read|where do (?:you|your answers) come from",
    rf"are you {_NATURE}(?: or {_NATURE})?|do you use {_NATURE}",
    rf"(?:what|which) (?:{_NATURE} )?(?:are you|do you use)",
    rf"who (?:made|built|created|wrote|developed|trained|is behind) {_PULLQUOTE}",
    r"(?:can|should) i trust (?:you|your answers|pullquote)|do you (?:make things up|hallucinate|lie)",
    r"(?:what|which) languages? do you (?:speak|know|understand)|do you (?:speak|understand) \w+|are you there",
)
_IS_THANKS = re.compile(rf"{_THANKS}(?: {_THANKS})*(?: please)?")
_IS_ABOUT_PULLQUOTE = re.compile(
    rf"(?:{_HELLO}|(?:(?:{_HELLO}|ok|okay|so|and|please|pullquote) )*(?:{'|'.join(_ABOUT_PULLQUOTE)}){_ADDRESSED})(?: please)?"
)

_LONGEST = 100  # characters of small talk
_WELCOME = "You are welcome. Ask the next question whenever you like."
_WHAT = (
    "Pullquote answers with sentences quoted word for word from your articles, each with its place in them, and says so "
    "when they do not say. It writes no answers of its own."
)
_HOW = "Ask in your own words, or type a title or a few keywords. To add more articles, run: pullquote add PATH…"
_NONE_YET = "There are no articles yet. To add some, run: pullquote add PATH…"


def is_small_talk(text: str) -> bool:
    """Tell whether a whole text is thanks, assent, goodbye, a greeting or a question about Pullquote itself."""
    return _matches(_IS_ABOUT_PULLQUOTE, text) or _matches(_IS_THANKS, text)


def help_line(text: str, n_articles: int) -> str:
    """Return the reply to small talk.

    Args:
        n_articles: number of articles in the library.
    """
    if _matches(_IS_THANKS, text):
        return _WELCOME
    if not n_articles:
        return f"{_WHAT} {_NONE_YET}"
    return f"{_WHAT} There {'is 1 article' if n_articles == 1 else f'are {n_articles:,} articles'}. {_HOW}"


def _matches(pattern: re.Pattern[str], text: str) -> bool:
    if len(text) > _LONGEST:
        return False
    plain = _NOT_WORDS.sub(" ", text.casefold().replace("’", "'")).strip(" '")
    return pattern.fullmatch(plain) is not None
