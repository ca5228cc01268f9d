"""The errors of this package; every message is fit to be shown to the reader as it stands."""

from embeddings import PullquoteError


class LibraryError(PullquoteError):
    """The library cannot be opened or changed as asked."""


class LibraryReadOnly(LibraryError):
    """This user may not write the library's folder."""


class LibraryBusy(LibraryError):
    """Another process is changing the library."""


class LibraryDamaged(LibraryError):
    """The library holds a row that is not what was written."""


class ArticleUnreadable(PullquoteError):
    """A file is no article that can be read."""


class NoArticles(ArticleUnreadable):
    """A file of records, of which none is an article; a folder may hold many such."""


class NoSuchArticle(PullquoteError):
    """The library holds no article of that id."""


class NotPrinted(PullquoteError):
    """A page cannot be shown as it is printed."""


class QuestionUnusable(PullquoteError):
    """What was asked is no question that can be searched for."""


class AnswerUnreadable(PullquoteError):
    """A text is no answer that was saved by Pullquote."""


class QuestionsUnreadable(PullquoteError):
    """A file of test questions breaks its format; the message names file and line."""


class RunUnreadable(PullquoteError):
    """A file is no run that was saved by Pullquote, or there is no run of that name."""


class RunsDiffer(PullquoteError):
    """Two runs were not asked the same questions, and so cannot be compared."""


class MeasureUnknown(PullquoteError):
    """A measure is asked for that there is not, or in no way that it can be measured."""


class GridUnreadable(PullquoteError):
    """A grid names a setting that there is not, or gives one a value that it cannot have."""


class CalibrationDamaged(LibraryError):
    """The file of a library's calibration is not what was written, or cannot be written."""


class CalibrationImpossible(PullquoteError):
    """Test questions are too few, or too much alike, to say what a confidence is worth, or none may be answered."""


class PageUnreachable(PullquoteError):
    """A page cannot be had."""
