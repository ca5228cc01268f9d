"""Operations on a small library, each with what must hold after it was cut short at any moment.

An operation leads from an old state to a new one and acknowledges what is safely done. Afterwards each article must have its
old text or its new one, what was acknowledged must be new, and nothing else may be there.
"""

import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from support.asked import outcome
from support.asked import run as run_of
from support.quick import FILES, QuickEncoder
from support.schemas import load as load_schema

from benchmarks.faults.children import Acknowledge
from embeddings import ModelFiles
from embeddings.prompts import Prompts
from qa import Assistant, Settings
from qa.evaluation import load_run, save_run
from qa.evaluation.saving import run_file
from qa.ingest import batches, importing, pipeline
from qa.ingest.progress import Step
from qa.library.calibration import Calibration, Platt, Promise
from qa.library.library import Library
from qa.sources.formats import parsing
from qa.sources.formats.draft import Draft
from qa.sources.formats.limits import LIMITS
from qa.types.errors import ArticleUnreadable

DONE = "done"  # acknowledges all that an operation was asked for
LIBRARY, ARTICLES, BACKUP, RESTORED, EXPORT = "library", "articles", "backup.zip", "restored", "articles.jsonl"
QUESTION = "When did mill 3 grind rye?"
_MILLS = 12  # in the library at first
_STORED = ("added", "updated", "unchanged", "removed")
Texts = Mapping[str, str]  # by source


class OtherEncoder(QuickEncoder):
    """Encode as the quick encoder does, under another name."""

    files = ModelFiles("other", Path("other"), "", "1" * 64, Prompts("", ""))


_ENCODERS = {encoder.files.sha256: encoder for encoder in (QuickEncoder, OtherEncoder)}


class ParserHere:
    """Parse in this process, since starting a parser takes far longer than all the rest."""

    def parse(self, content: bytes, source: str, charset: str | None = None, recognized: str | None = None) -> list[Draft]:
        try:
            return parsing.parse(content, source, LIMITS, charset, recognized)
        except OSError as error:  # as when a parser's process breaks down
            raise ArticleUnreadable(f"the parser broke down on it ({error})") from error


def prepare_process() -> None:
    """Let this process parse by itself and store small batches, so that a few articles make several transactions."""
    for module in (pipeline, importing):
        module.shared_pool = ParserHere()  # type: ignore[attr-defined]
    for module in (batches, importing):
        module._PASSAGES = 4


@dataclass(frozen=True)
class Operation:
    """Something that changes a library, or copies it."""

    name: str
    prepare: Callable[[Path], None]  # makes the old state in a folder
    work: Callable[[Path, Acknowledge], None]
    old: Callable[[Path], Texts]  # the articles in a folder's library
    new: Callable[[Path], Texts]
    problems: Callable[[Path, set[str]], Iterator[str]] = lambda place, acknowledged: iter(())  # beyond those of articles
    is_sound: bool = True  # whether `check` has nothing to say of the old state
    resumes: bool = field(default=True)  # whether the same call ends what was cut short


def open_library(folder: Path) -> Assistant:
    """Open a library with the encoder that it was made with, or create one."""
    library = Library.open(folder, None if Library.exists(folder) else FILES)
    with library.snapshot() as snapshot:
        sha256 = snapshot.meta("model_sha256")
    assistant = Assistant(library, reader="none", settings=Settings(least_confidence=0))
    assistant._encoder = _ENCODERS[sha256]()  # type: ignore[assignment]
    return assistant


def state_problems(operation: Operation, place: Path, acknowledged: set[str], *, ended: bool = False) -> Iterator[str]:
    """Yield a line for all that is lost or in a third state.

    Args:
        ended: whether the operation has come to its end, so that nothing may be as before.
    """
    old, new = operation.old(place), operation.new(place)
    if ended:
        acknowledged = {*acknowledged, DONE}
    if not Library.exists(place / LIBRARY):
        if acknowledged or old:
            yield "lost: there is no library"
        return
    assistant = open_library(place / LIBRARY)
    held = {each.source: assistant.article(each.id).text for each in assistant.articles()}
    for source in sorted({*old, *new, *held}):
        must_be_new = DONE in acknowledged or source in acknowledged
        if held.get(source) not in ([] if must_be_new else [old.get(source)]) + [new.get(source)]:
            yield f"{'lost' if must_be_new else 'third state'}: {source} is {held.get(source)!r}"
    if operation.is_sound or ended:
        yield from (f"check: {problem}" for problem in assistant.check().problems)
        answer = assistant.ask(QUESTION)
        if held and not answer.quotes:
            yield "no answer"
        for quote in answer.quotes:
            if assistant.article(quote.article.id, quote.article.version).text[quote.start : quote.end] != quote.text:
                yield f"broken quote {quote.text!r}"
    yield from operation.problems(place, acknowledged)
    if ended:
        yield from (f"left over: {path.name}" for path in leftovers(place))


def leftovers(place: Path) -> list[Path]:
    """Return what a writer that was killed left behind."""
    return sorted(path for pattern in ("*.tmp", "*.old", ".pullquote-*") for path in place.rglob(pattern))


def text_of(n: int, edition: int = 1) -> str:
    """Make an article of two passages that shares no sentence with another."""
    grain = "rye" if edition == 1 else "oats"
    long = " ".join(f"Sack {sack} of mill {n} weighed {edition * 100 + sack} pounds at the gate." for sack in range(9))
    return f"Mill {n}\n\nMill {n} ground {grain} in the dry summer {n * 7}. Nobody slept on day {n} of 北京.\n\n{long}\n"


def _texts(place: Path, first: int, last: int, edition: int = 1) -> dict[str, str]:
    return {str(place.resolve() / ARTICLES / f"mill{n:02}.txt"): text_of(n, edition) for n in range(first, last)}


def _write(place: Path, first: int, last: int, edition: int = 1) -> None:
    (place / ARTICLES).mkdir(exist_ok=True)
    for source, text in _texts(place, first, last, edition).items():
        Path(source).write_bytes(text.encode())


def _first(place: Path) -> Texts:
    return _texts(place, 0, _MILLS)


def _changed(place: Path) -> Texts:
    """Return the articles after half were changed and as many added."""
    return {**_first(place), **_texts(place, _MILLS // 2, _MILLS, 2), **_texts(place, _MILLS, _MILLS + 6)}


def _fill(place: Path) -> Assistant:
    """Make a library of the first articles."""
    _write(place, 0, _MILLS)
    assistant = open_library(place / LIBRARY)
    assistant.add(place / ARTICLES)
    return assistant


def _edit_files(place: Path) -> None:
    _write(place, _MILLS // 2, _MILLS, 2)
    _write(place, _MILLS, _MILLS + 6)


def _reporting(acknowledge: Acknowledge) -> Callable[[Step], None]:
    def report(step: Step) -> None:
        if step.fate in _STORED:
            acknowledge(step.source)

    return report


# One block for each operation.


def _prepare_creation(place: Path) -> None:
    _write(place, 0, _MILLS)


def _prepare_addition(place: Path) -> None:
    _fill(place)
    _edit_files(place)


def _add(place: Path, acknowledge: Acknowledge) -> None:
    open_library(place / LIBRARY).add(place / ARTICLES, on_step=_reporting(acknowledge))
    acknowledge(DONE)


def _prepare_sync(place: Path) -> None:
    _prepare_addition(place)
    for source in _texts(place, 0, 3):
        Path(source).unlink()


def _sync(place: Path, acknowledge: Acknowledge) -> None:
    open_library(place / LIBRARY).sync(place / ARTICLES, on_step=_reporting(acknowledge))
    acknowledge(DONE)


def _synced(place: Path) -> Texts:
    gone = _texts(place, 0, 3)
    return {source: text for source, text in _changed(place).items() if source not in gone}


def _remove(place: Path, acknowledge: Acknowledge) -> None:
    assistant = open_library(place / LIBRARY)
    gone = _texts(place, 0, 5)
    for article in assistant.articles():
        if article.source in gone:
            acknowledge(assistant.remove(article.id).source)
    acknowledge(DONE)


def _undo(place: Path, acknowledge: Acknowledge) -> None:
    assistant = open_library(place / LIBRARY)
    for article in assistant.articles()[:4]:
        acknowledge(assistant.put_back(assistant.take_out(article.id)).source)


def _correct(place: Path, acknowledge: Acknowledge) -> None:
    assistant = open_library(place / LIBRARY)
    for article in assistant.articles()[:5]:
        assistant.edit(article.id, title=f"New title of {article.source}", author="A. Miller")
        acknowledge(article.source)
    acknowledge(DONE)


def _title_problems(place: Path, acknowledged: set[str]) -> Iterator[str]:
    assistant = open_library(place / LIBRARY)
    for article in assistant.articles()[:5]:
        source, whole = article.source, assistant.article(article.id)
        old, new = (text_of(int(source[-6:-4])).split("\n")[0], ""), (f"New title of {source}", "A. Miller")
        state = (whole.title, whole.author or "")
        if state not in ({new} if {DONE, source} & acknowledged else {old, new}):
            yield f"third state: {source} has {state}"


def _prepare_import(place: Path) -> None:
    _prepare_addition(place)
    other = open_library(place / "other")
    other.add(place / ARTICLES)
    other.export_articles(place / EXPORT)
    shutil.rmtree(place / "other", ignore_errors=True)


def _import(place: Path, acknowledge: Acknowledge) -> None:
    open_library(place / LIBRARY).import_articles(place / EXPORT, on_step=_reporting(acknowledge))
    acknowledge(DONE)


def _export(place: Path, acknowledge: Acknowledge) -> None:
    open_library(place / LIBRARY).export_articles(place / EXPORT)
    acknowledge(DONE)


def _export_problems(place: Path, acknowledged: set[str]) -> Iterator[str]:
    n = len((place / EXPORT).read_bytes().splitlines())
    if n not in ({_MILLS} if DONE in acknowledged else {_MILLS, len(_changed(place))}):
        yield f"third state: the export has {n} lines"


def _reembed(place: Path, acknowledge: Acknowledge) -> None:
    assistant = open_library(place / LIBRARY)
    pipeline.reembed(assistant.library, assistant.indexes, OtherEncoder(), None)  # type: ignore[arg-type]
    acknowledge(DONE)


def _model_problems(place: Path, acknowledged: set[str]) -> Iterator[str]:
    if DONE in acknowledged and not isinstance(open_library(place / LIBRARY)._encoder, OtherEncoder):
        yield "lost: the library has its old model"


def _prepare_backup(place: Path) -> None:
    assistant = _fill(place)
    assistant.back_up(place / BACKUP)
    _edit_files(place)
    assistant.add(place / ARTICLES)


def _back_up(place: Path, acknowledge: Acknowledge) -> None:
    open_library(place / LIBRARY).back_up(place / BACKUP)
    acknowledge(DONE)


def _backup_problems(place: Path, acknowledged: set[str]) -> Iterator[str]:
    target = place / "trial"
    Assistant.restore(place / BACKUP, target)
    yield from _copy_problems(target, [_changed(place)] if DONE in acknowledged else [_first(place), _changed(place)])
    shutil.rmtree(target, ignore_errors=True)


def _copy_problems(folder: Path, states: list[Texts]) -> Iterator[str]:
    assistant = open_library(folder)
    if {each.source: assistant.article(each.id).text for each in assistant.articles()} not in states:
        yield f"third state: {folder.name} has {len(assistant.articles())} articles"
    yield from (f"{folder.name}: {problem}" for problem in assistant.check().problems)


def _prepare_restore(place: Path) -> None:
    assistant = _fill(place)
    assistant.journal.keep(assistant.journal.begin("Mills").id, assistant.ask(QUESTION))
    assistant.back_up(place / BACKUP)


def _restore(place: Path, acknowledge: Acknowledge) -> None:
    if not (place / RESTORED).exists():
        Assistant.restore(place / BACKUP, place / RESTORED)
    acknowledge(DONE)


def _restored_problems(place: Path, acknowledged: set[str]) -> Iterator[str]:
    if (place / RESTORED).exists():
        yield from _copy_problems(place / RESTORED, [_first(place)])
        if len(open_library(place / RESTORED).journal.conversations()) != 1:
            yield "third state: the conversation was not restored"
    elif DONE in acknowledged:
        yield "lost: what was restored"


def _prepare_compaction(place: Path) -> None:
    assistant = _fill(place)
    assistant.journal.keep(assistant.journal.begin("Mills").id, assistant.ask("When did mill 7 grind rye?"))
    _edit_files(place)
    assistant.add(place / ARTICLES)


def _compact(place: Path, acknowledge: Acknowledge) -> None:
    open_library(place / LIBRARY).compact()
    acknowledge(DONE)


def _version_problems(place: Path, acknowledged: set[str]) -> Iterator[str]:
    assistant = open_library(place / LIBRARY)
    cited = set()
    for heading in assistant.journal.conversations():
        for kept in assistant.journal.conversation(heading.id):
            for quote in kept.answer.quotes:
                cited.add((quote.article.id, quote.article.version))
                text = assistant.article(quote.article.id, quote.article.version).text
                if text[quote.start : quote.end] != quote.text:
                    yield f"broken quote {quote.text!r}"
    if not cited:
        yield "lost: the conversation"
    with assistant.library.snapshot() as snapshot:
        earlier = snapshot.earlier_versions()
    if DONE in acknowledged and len(earlier - cited) > _MILLS // 2:
        yield f"third state: {len(earlier)} earlier versions"


def _prepare_repair(place: Path) -> None:
    assistant = _fill(place)
    connection = assistant.library._connection()
    connection.execute("UPDATE passages SET vector = zeroblob(length(vector)) WHERE id % 3 = 0")
    connection.execute("UPDATE meta SET value = '0' WHERE key = 'cutting'")
    assistant.library.close()


def _repair(place: Path, acknowledge: Acknowledge) -> None:
    open_library(place / LIBRARY).repair()
    acknowledge(DONE)


def _repair_problems(place: Path, acknowledged: set[str]) -> Iterator[str]:
    if DONE in acknowledged:
        yield from (f"lost: {problem}" for problem in open_library(place / LIBRARY).check().problems)


def _prepare_journal(place: Path) -> None:
    assistant = _fill(place)
    assistant.journal.keep(assistant.journal.begin("Mills").id, assistant.ask(QUESTION))


def _converse(place: Path, acknowledge: Acknowledge) -> None:
    assistant = open_library(place / LIBRARY)
    for n in range(5):
        answer = assistant.ask(f"When did mill {n} grind rye?")
        acknowledge(assistant.journal.keep(assistant.journal.begin(f"Talk {n}").id, answer).id)


def _journal_problems(place: Path, acknowledged: set[str]) -> Iterator[str]:
    journal = open_library(place / LIBRARY).journal
    conversations = [journal.conversation(heading.id) for heading in journal.conversations()]
    kept = {each.id for conversation in conversations for each in conversation}
    yield from (f"lost: answer {each}" for each in acknowledged - kept - {DONE})
    if not any(each.answer.question == QUESTION for conversation in conversations for each in conversation):
        yield "lost: the first conversation"


def _calibration(assistant: Assistant, edition: int) -> Calibration:
    with assistant.library.snapshot() as snapshot:
        basis = assistant.basis(snapshot)
    promise = Promise(40, 10, 30, 3, 0.03, 0.26)
    date = f"202{edition}-01-01T00:00:00+00:00"
    return Calibration(Platt(1.0, 0.0), 0.0, promise, None, {}, basis, "q" * 64, 1, date)


def _measure_edition(assistant: Assistant, edition: int) -> None:
    assistant.calibration.save(_calibration(assistant, edition))
    save_run(run_of(outcome(f"q{edition}", ("noon",))), run_file(assistant.library.folder, "first"))


def _prepare_measuring(place: Path) -> None:
    _measure_edition(_fill(place), 1)


def _measure(place: Path, acknowledge: Acknowledge) -> None:
    assistant = open_library(place / LIBRARY)
    for edition in (2, 3, 2, 3, 2):
        _measure_edition(assistant, edition)
    acknowledge(DONE)


def _measured_problems(place: Path, acknowledged: set[str]) -> Iterator[str]:
    assistant = open_library(place / LIBRARY)
    editions = {2} if DONE in acknowledged else {1, 2, 3}
    calibration = assistant.calibration.load()
    if calibration not in [_calibration(assistant, edition) for edition in editions]:
        yield f"third state: calibration {calibration}"
    run = load_run(run_file(place / LIBRARY, "first"))
    if run not in [run_of(outcome(f"q{edition}", ("noon",))) for edition in editions]:
        yield "third state: run"


def _prepare_migration(place: Path) -> None:
    load_schema("1", place / LIBRARY)
    _write(place, 0, 4)


def _of_schema_1(place: Path) -> Texts:
    """Return the articles of the dump. They are as they were before, whatever is added."""
    if not (place / LIBRARY).exists():
        return {}
    assistant = open_library(place / LIBRARY)
    return {
        each.source: assistant.article(each.id).text for each in assistant.articles() if each.source.startswith("/articles")
    }


def _migrated(place: Path) -> Texts:
    return {**_of_schema_1(place), **_texts(place, 0, 4)}


def _migration_problems(place: Path, acknowledged: set[str]) -> Iterator[str]:
    if len(_of_schema_1(place)) != 3:
        yield f"lost: articles of schema 1, {len(_of_schema_1(place))} left"


def _fill_only(place: Path) -> None:
    _fill(place)


OPERATIONS = {
    operation.name: operation
    for operation in (
        Operation("create", _prepare_creation, _add, lambda place: {}, _first),
        Operation("add", _prepare_addition, _add, _first, _changed),
        Operation("sync", _prepare_sync, _sync, _first, _synced),
        Operation("remove", _fill_only, _remove, _first, lambda place: _texts(place, 5, _MILLS)),
        Operation("undo", _fill_only, _undo, lambda place: {}, _first, resumes=False),
        Operation("edit", _fill_only, _correct, _first, _first, _title_problems),
        Operation("import-articles", _prepare_import, _import, _first, _changed),
        Operation("export-articles", _prepare_import, _export, _first, _first, _export_problems),
        Operation("reembed", _fill_only, _reembed, _first, _first, _model_problems),
        Operation("backup", _prepare_backup, _back_up, _changed, _changed, _backup_problems),
        Operation("restore", _prepare_restore, _restore, _first, _first, _restored_problems),
        Operation("compact", _prepare_compaction, _compact, _changed, _changed, _version_problems),
        Operation("repair", _prepare_repair, _repair, _first, _first, _repair_problems, is_sound=False),
        Operation("conversations", _prepare_journal, _converse, _first, _first, _journal_problems),
        Operation("calibrate and measure", _prepare_measuring, _measure, _first, _first, _measured_problems),
        Operation("migrate", _prepare_migration, _add, _of_schema_1, _migrated, _migration_problems),
    )
}
