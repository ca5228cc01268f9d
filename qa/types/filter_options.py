"""The seven filters that limit a question to some of the articles: names, types and descriptions, defined once.

`Only` is the definition. Python functions take it as `**only: Unpack[Only]` and hand it to `Filter.of`. The command line and
the page's API read signatures, where a TypedDict does not show its keys. They list them with `name_filters`:

    @app.command()
    @name_filters(lambda name, description: typer.Option(f"--{name}", help=description))
    def ask(question: str, **only: Unpack[Only]) -> None:

    @name_filters()
    def ask(self, question: str, k: int = 5, **only: Unpack[Only]) -> dict[str, Any]:

This module imports nothing else of Pullquote, so that the command line starts without loading the rest.
"""

import inspect
import re
from collections.abc import Callable, Sequence
from functools import wraps
from typing import Annotated, Any, TypedDict, TypeVar, get_type_hints

T = TypeVar("T")


class Only(TypedDict, total=False):
    """What an article must match for its passages to be searched. None, an empty text or an empty list means no limit."""

    after: Annotated[str | None, "Only articles from that day, month or year on, such as 2004-10-31, 2004-10 or 2004."]
    before: Annotated[str | None, "Only articles up to that day, month or year."]
    source: Annotated[str | None, "Only articles with this in their path, address or site."]
    author: Annotated[str | None, "Only articles by someone of that name."]
    language: Annotated[str | None, "Only articles in that language, a code of two letters such as en."]
    folder: Annotated[str | None, "Only articles from that folder."]
    tag: Annotated[str | Sequence[str] | None, "Only articles with that tag, or with all of several tags."]


DESCRIPTIONS: dict[str, str] = {name: hint.__metadata__[0] for name, hint in get_type_hints(Only, include_extras=True).items()}


def name_filters(
    option: Callable[[str, str], object] | None = None,
) -> Callable[[Callable[..., T]], Callable[..., T]]:
    """Return a decorator that replaces `**only` in a function's signature with a named parameter for each filter.

    In the docstring, the line that describes `only` becomes a line for each filter. The new function also takes the filters
    by position, after the function's own parameters.

    Args:
        option: returns an annotation, such as a `typer.Option`, for a filter's name and description.
    """

    def named(function: Callable[..., T]) -> Callable[..., T]:
        own = [each for each in inspect.signature(function).parameters.values() if each.kind is not each.VAR_KEYWORD]
        signature = inspect.signature(function).replace(parameters=[*own, *_parameters(option)])

        @wraps(function)
        def call(*args: Any, **kwargs: Any) -> T:
            return function(**signature.bind(*args, **kwargs).arguments)

        call.__signature__ = signature  # type: ignore[attr-defined]
        call.__annotations__ = {each.name: each.annotation for each in signature.parameters.values()}
        call.__annotations__["return"] = signature.return_annotation
        call.__doc__ = re.sub(r"^( *)only: .*", _describe, function.__doc__ or "", flags=re.M)
        return call

    return named


def _parameters(option: Callable[[str, str], object] | None) -> list[inspect.Parameter]:
    parameters = []
    for name, description in DESCRIPTIONS.items():
        kind: Any = list[str] | None if name == "tag" else str | None
        annotation = kind if option is None else Annotated[kind, option(name, description)]
        parameters.append(inspect.Parameter(name, inspect.Parameter.POSITIONAL_OR_KEYWORD, default=None, annotation=annotation))
    return parameters


def _describe(line: re.Match[str]) -> str:
    return "\n".join(f"{line[1]}{name}: {description}" for name, description in DESCRIPTIONS.items())
