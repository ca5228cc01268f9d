"""The conversations kept in the library, as the page uses them."""

from dataclasses import replace

from embeddings import PullquoteError
from qa import Assistant
from qa.answer.citation_status import standing
from qa.types.articles import Draft, Heading, KeptAnswer, Turn
from qa.types.errors import LibraryError
from qa.types.settings import LONGEST_HISTORY
from ui.state.chat import MOST_SHOWN, Chat, Exchange


class Talks:
    """What is asked is kept as it is answered, and opened again; that it cannot be kept stops no answer."""

    def __init__(self, assistant: Assistant) -> None:
        self._assistant = assistant
        self._journal = assistant.journal

    def listed(self, search: str = "") -> tuple[Heading, ...]:
        """The conversations whose title or questions hold some words, the newest first.

        Raises:
            LibraryError: what is kept cannot be read.
        """
        return self._journal.conversations(search)

    def keep(self, chat: Chat) -> Chat:
        """The conversation with its last answer kept, or with a word on why it is not."""
        last = chat.exchanges[-1]
        if last.answer is None or last.answer.help is not None:
            return chat
        try:
            conversation = chat.conversation or self._journal.begin().id
            kept = self._journal.keep(conversation, last.answer).id
        except PullquoteError as error:
            return replace(chat, unkept=f"This conversation is not kept: {error}")
        exchanges = (*chat.exchanges[:-1], replace(last, kept=kept))
        return replace(chat, conversation=conversation, exchanges=exchanges, unkept=None)

    def open(self, conversation_id: str) -> Chat:
        """A conversation as it was left, its last answers shown.

        Raises:
            LibraryError: there is none of that id, or it cannot be read.
        """
        kept = self._journal.conversation(conversation_id)
        if not kept:
            raise LibraryError("There is no such conversation: it was deleted, or the address is not whole.")
        numbered = list(enumerate(kept, start=1))[-MOST_SHOWN:]
        exchanges = tuple(self._exchange(number, each) for number, each in numbered)
        return Chat(exchanges, tuple(map(_turn, kept[-LONGEST_HISTORY:])), conversation_id)

    def open_answer(self, answer_id: str) -> Chat:
        """One answer alone, compared with the library as it is now.

        Raises:
            LibraryError: there is none of that id, or it cannot be read.
        """
        kept = self._journal.answer(answer_id)
        if kept is None:
            raise LibraryError("There is no such answer: its conversation was deleted, or the address is not whole.")
        shown = replace(self._exchange(1, kept), asked=kept.asked, standing=standing(self._assistant.library, kept.answer))
        return Chat((shown,), (_turn(kept),))

    def rename(self, conversation_id: str, title: str) -> None:
        """Give a conversation another title; LibraryError if it has gone or the title is empty."""
        self._journal.rename(conversation_id, title)

    def delete(self, conversation_id: str) -> None:
        """Delete a conversation for good."""
        self._journal.delete(conversation_id)

    def judge(self, answer_id: str, rank: int, good: bool | None) -> None:
        """Note whether a quote answers; LibraryError if the answer is not kept."""
        self._journal.judge(answer_id, rank, good)

    def mark(self, question: str, article_id: str, version: str, start: int, end: int, words: str) -> Draft:
        """Draft a test question that a place in an article answers.

        Args:
            words: what the reader saw there.

        Raises:
            LibraryError: other words stand there, or the question is empty.
        """
        article = self._assistant.article(article_id, version or None)
        if not question.strip():
            raise LibraryError("Say which question these words answer.")
        if not words or article.text[start:end] != words:
            raise LibraryError("There are no such words in the article: mark them again.")
        return self._journal.mark(question.strip(), article.reference, start, end, article.text[start:end])

    def _exchange(self, number: int, kept: KeptAnswer) -> Exchange:
        judged = self._journal.judgements(kept.id)
        return Exchange(number, kept.answer.question, kept.answer, kept=kept.id, judged=judged)


def _turn(kept: KeptAnswer) -> Turn:
    return Turn(kept.answer.question, kept.answer.searched_for, kept.answer.quotes)
