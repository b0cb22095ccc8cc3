"""Progress: a bar on stderr, where somebody watches."""

import contextlib
import sys
from collections.abc import Callable, Iterator

from bert_keras.printable import printable


@contextlib.contextmanager
def progress(
    name: str, done: int, total: int | None
) -> Iterator[Callable[[int], None]]:
    """Shows how much of a download has arrived.

    Nothing is shown, and nothing imported, where stderr is no terminal; a
    notebook gets one line. The bar goes when the download ends.

    Args:
        name: What is downloaded.
        done: Bytes that were there before.
        total: Bytes of all; `None` if not known.

    Yields:
        A function to be told the bytes of each piece.
    """
    if not sys.stderr.isatty():
        if "ipykernel" in sys.modules:
            size = f" ({total / 1e6:,.1f} MB)" if total else ""
            sys.stderr.write(f"Downloading {printable(name)}{size}\n")
        yield lambda _: None
        return
    import rich.console
    import rich.progress

    bar = rich.progress.Progress(
        rich.progress.TextColumn("{task.description}", markup=False),
        rich.progress.BarColumn(),
        rich.progress.DownloadColumn(),
        rich.progress.TransferSpeedColumn(),
        rich.progress.TimeRemainingColumn(),
        # In a notebook rich would want widgets; a line of text does.
        console=rich.console.Console(stderr=True, force_jupyter=False),
        transient=True,
    )
    with bar:
        task = bar.add_task(printable(name), total=total, completed=done)
        yield lambda size: bar.update(task, advance=size)
