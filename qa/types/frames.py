"""Rows as a pandas DataFrame. pandas is imported only when a table is asked for."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from qa.types.errors import PandasMissing

if TYPE_CHECKING:
    import pandas


def to_frame(rows: Iterable[Mapping[str, Any]], columns: Iterable[str]) -> "pandas.DataFrame":
    """Make a table of rows. It has its columns also where there are no rows.

    Raises:
        PandasMissing: pandas is not installed.
    """
    frame: pandas.DataFrame = import_pandas().DataFrame(list(rows), columns=list(columns))
    return frame


def import_pandas() -> Any:
    """Import pandas.

    Raises:
        PandasMissing: it is not installed.
    """
    try:
        import pandas
    except ImportError as error:
        raise PandasMissing("A table needs pandas: install it with `pip install 'pullquote[frames]'`.") from error
    return pandas
