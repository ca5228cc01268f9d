"""The errors of this package. Every message can be shown to the user unchanged."""

from embeddings import PullquoteError


class LibraryError(PullquoteError):
    """The library cannot be opened or changed."""


class LibraryReadOnly(LibraryError):
    """This user has no permission to write to the library's folder."""


class LibraryBusy(LibraryError):
    """Another process is changing the library."""


class LibraryDamaged(LibraryError):
    """The library's database is damaged, such as by a row that does not match its checksum."""


class BackupUnusable(LibraryError):
    """A file is not a backup, is damaged, or is of a newer Pullquote."""


class ArticleUnreadable(PullquoteError):
    """A file cannot be read as an article."""


class NoArticles(ArticleUnreadable):
    """A file of records holds no articles. It is reported only for a file that the user named, since a folder may hold many."""


class IsArchive(ArticleUnreadable):
    """A file holds other files, which can be read once it is unpacked."""


class NeedsOffice(ArticleUnreadable):
    """A file can be read once LibreOffice has converted it."""


class NeedsOcr(ArticleUnreadable):
    """A file holds pictures, whose text can be read with optical character recognition."""


class NoSuchArticle(PullquoteError):
    """The library holds no article with that id or in that version."""


class CorrectionUnusable(PullquoteError):
    """A title, author or date cannot be the correction of an article's."""


class NotPrinted(PullquoteError):
    """A page of a PDF cannot be shown as an image."""


class QuestionUnusable(PullquoteError):
    """A question, or a filter or `k` given with it, cannot be used for a search."""


class AnswerUnreadable(PullquoteError):
    """A text is not an answer saved by Pullquote."""


class QuestionsUnreadable(PullquoteError):
    """A file of test questions breaks its format. The message names the file and line."""


class RunUnreadable(PullquoteError):
    """A file is not a run saved by Pullquote, no run has that name, or a run cannot be written."""


class RunsDiffer(PullquoteError):
    """Two runs cannot be compared because they were not asked the same questions."""


class MeasureUnknown(PullquoteError):
    """A measure does not exist, or cannot be compared with the given limit."""


class GridUnreadable(PullquoteError):
    """A grid names a setting that does not exist, or gives it an invalid value."""


class CalibrationDamaged(LibraryError):
    """A library's calibration file is damaged, or cannot be written."""


class CalibrationImpossible(PullquoteError):
    """The test questions are too few or too alike to calibrate confidence, or no threshold keeps the error rate asked for."""


class PageUnreachable(PullquoteError):
    """A web page cannot be fetched."""


class PandasMissing(PullquoteError):
    """A table was asked for, and pandas is not installed."""
