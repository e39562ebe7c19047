"""What every file of a source has to hold up to, whatever its format."""

from qinglian.extract.errors import UnreadableFileError
from qinglian.settings import get_settings

_MIB = 1 << 20
_BLANKS = " \t\r\n\u3000\ufeff\u200b"


def refuse_size(name: str, packed: int, unpacked: int, *, workbook: bool = False) -> None:
    """Raise UnreadableFileError when a file of `packed` bytes unpacks to too many.

    What is too many is a setting: a file that is small and unpacks to many times its size is a trap
    and no delivery; what is larger than the largest belongs into several files.
    """
    settings = get_settings()
    largest = settings.largest_workbook_mb if workbook else settings.largest_unpacked_mb
    by_ratio = max(settings.small_unpacked_mb * _MIB, packed * settings.largest_unpacking_ratio)
    if unpacked > min(largest * _MIB, by_ratio):
        raise UnreadableFileError(
            name,
            f"its {packed} bytes unpack to {unpacked} or more",
            "split the delivery into smaller files; a small file that unpacks to this size is no"
            " delivery, ask who put it there. Where it is one, raise the limit:"
            " QINGLIAN_LARGEST_UNPACKED_MB, QINGLIAN_LARGEST_WORKBOOK_MB or"
            " QINGLIAN_LARGEST_UNPACKING_RATIO",
        )


def checked_names(names: list[str], file: str) -> list[str]:
    """Names of a header, trimmed.

    Raises UnreadableFileError when one is empty, not printable or comes twice.
    """
    trimmed = [name.strip(_BLANKS) for name in names]
    remedy = (
        "correct the header line of the export, or name the columns under `columns` in the source's"
        " YAML; what stands above the header is left out with `skip_lines`"
    )
    if not trimmed:
        raise UnreadableFileError(file, "it is empty, without even a header", remedy)
    if empty := [i for i, name in enumerate(trimmed, start=1) if not name]:
        raise UnreadableFileError(file, f"column {empty[0]} of the header has no name", remedy)
    if odd := [i for i, name in enumerate(trimmed, start=1) if not name.isprintable()]:
        raise UnreadableFileError(
            file, f"column {odd[0]} of the header has a character that cannot be printed", remedy
        )
    lowered = [name.lower() for name in trimmed]
    if twice := sorted({name for name in lowered if lowered.count(name) > 1}):
        raise UnreadableFileError(file, f"the header has {', '.join(twice)} twice", remedy)
    return trimmed
