"""What all figures share: size, colours, fonts and PNG files.

Properties are set on each object, not through `rcParams`, which all threads
of a process share.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from bert_keras.atomic import replacing

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Okabe and Ito's palette, distinguishable with common forms of colour
# blindness (https://jfly.uni-koeln.de/color/), without its yellow, which is too
# pale for lines.
BLUE = "#0072B2"
ORANGE = "#D55E00"
SKY = "#56B4E9"
COLOURS = (
    BLUE,
    ORANGE,
    "#009E73",
    "#CC79A7",
    SKY,
    "#E69F00",
    "#000000",
)
INK = "#262626"
GREY = "#8C8C8C"
PALE = "#E6E6E6"

DOTS_PER_INCH = 150

# Matplotlib's default font has no East Asian and few Indian letters. These
# fonts, which come with Linux desktops, macOS, Windows and Office, do.
_FONT = "DejaVu Sans"
_FALLBACK_FONTS = (
    "Noto Sans CJK JP",
    "Noto Sans Devanagari",
    "Hiragino Sans",
    "PingFang SC",
    "Yu Gothic",
    "Microsoft YaHei",
    "Malgun Gothic",
    "Nirmala UI",
    "Arial Unicode MS",
)


def new_figure(width: float, height: float) -> "Figure":
    """Returns an empty white figure of a size in inches.

    Raises:
        ImportError: If matplotlib is not installed.
    """
    try:
        from matplotlib.figure import Figure
        from matplotlib.layout_engine import ConstrainedLayoutEngine
    except ImportError as error:
        raise ImportError(
            "Expected matplotlib, which draws the figures. Install it with: "
            'pip install "bert-keras[plots]"'
        ) from error
    return Figure(
        figsize=(width, height),
        dpi=DOTS_PER_INCH,
        facecolor="white",
        layout=ConstrainedLayoutEngine(w_pad=0.08, h_pad=0.08),  # inches
    )


def style(axes: "Axes", *, title: str, x: str, y: str) -> None:
    """Sets the texts of axes and removes lines that carry no data."""
    axes.set_title(title, loc="left", fontsize=11, color=INK, parse_math=False)
    axes.set_xlabel(x, fontsize=9.5, color=INK)
    axes.set_ylabel(y, fontsize=9.5, color=INK)
    axes.tick_params(labelsize=8.5, colors=INK, width=0.8)
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color(GREY)
    axes.grid(True, color=PALE, linewidth=0.8)
    axes.set_axisbelow(True)


def legend(axes: "Axes", **options) -> None:
    """Adds a legend that leaves the data visible."""
    drawn = axes.legend(
        fontsize=8.5,
        labelcolor=INK,
        frameon=True,
        edgecolor="none",
        facecolor="white",
        framealpha=0.8,
        handlelength=2.6,
        **options,
    )
    for text in drawn.get_texts():
        text.set_parse_math(False)


def label_fonts() -> list[str]:
    """Returns the installed fonts for label names, in order of preference."""
    from matplotlib import font_manager

    installed = set(font_manager.get_font_names())
    return [_FONT, *(font for font in _FALLBACK_FONTS if font in installed)]


def short(text: str, most: int = 30) -> str:
    """Returns a text on one line, shortened to at most `most` characters.

    The middle is left out, since label names often share their beginning.

    Example:
        >>> short("card_payment_wrong_exchange_rate", 17)
        'card_pay…nge_rate'
    """
    text = " ".join(text.split())
    if len(text) <= most:
        return text
    head = most // 2
    return f"{text[:head]}…{text[head + 1 - most :]}"


def save_figure(figure: "Figure", path: str | Path) -> None:
    """Writes a figure to a PNG file, which is complete or absent.

    The same figure gives the same bytes with the same version of matplotlib:
    the file contains neither a date nor the program's name.

    Args:
        figure: The figure to write, 150 dots per inch.
        path: A path that ends in `.png`; missing folders are created.

    Raises:
        ValueError: If the path does not end in `.png`.
    """
    path = Path(path)
    if path.suffix.lower() != ".png":
        raise ValueError(f"Expected a path ending in .png. Received: {path}")
    with replacing(path) as temporary:
        figure.savefig(
            temporary,
            format="png",
            dpi=DOTS_PER_INCH,
            metadata={"Software": None},
        )
