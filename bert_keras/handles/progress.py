"""Progress: a bar on stderr, if that is a terminal."""

import contextlib
import sys
from collections.abc import Callable, Iterator

from bert_keras.printable import printable


@contextlib.contextmanager
def progress(
    name: str, done: int, total: int | None
) -> Iterator[Callable[[int], None]]:
    """Shows how much of a download has arrived.

    If stderr is no terminal, nothing is shown and nothing imported; a notebook
    gets one line. The bar disappears when the download ends.

    Args:
        name: What is downloaded.
        done: Bytes that had arrived before.
        total: Bytes in total; `None` if unknown.

    Yields:
        A function that is called with the bytes of each block.
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
        # In a notebook rich would need widgets; a line of text is enough.
        console=rich.console.Console(stderr=True, force_jupyter=False),
        transient=True,
    )
    with bar:
        task = bar.add_task(printable(name), total=total, completed=done)
        yield lambda size: bar.update(task, advance=size)
