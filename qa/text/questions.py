"""Questions inside texts, as in interviews and lists of questions and answers, and replies that need them."""

import re

from qa.text.quotation import follow_quotations

_ENDS_WITH_MARK = re.compile(r"[?？؟⸮]['\"”’»“)\]」』]*$")
# A question in quotation marks, and the words that name who asked it.
_ASKED = re.compile(r"^[\"“„«»「『”][^\"“”„«»「」『』]*[?？؟]\s?[\"”»“«」』][^\"“”„«»「」『』?？]{0,80}$")
# "Q:", "A:" and the name of a speaker of an interview before a colon, in no more than three words.
_SPEAKER = re.compile(r"^(?:[^\W\d_][\w.’'-]*\s?){1,3}[:：]\s*")
_SHORT_REPLY = 3  # words


def is_question(sentence: str) -> bool:
    """Tell whether a sentence asks something and tells nothing: "Who paid?", or "“Who paid?” the chair asked."."""
    text = sentence.strip()
    if _ASKED.match(text):
        return True
    if not _ENDS_WITH_MARK.search(text):
        return False
    return '"' not in text[:-1] or not any(opened for _, opened in follow_quotations(text, 0, len(text.rstrip('"”’»“」』'))))


def is_short_reply(sentence: str) -> bool:
    """Tell whether a sentence is a reply of a few words, such as "No." or "A: Not yet.", which says little by itself."""
    return len(_SPEAKER.sub("", sentence.strip()).split()) <= _SHORT_REPLY
