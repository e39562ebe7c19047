"""What every file of a source has to hold up to, whatever its format."""

from qinglian.extract.errors import UnreadableFileError

#: A file may unpack to this size; what is larger belongs into several files.
LARGEST_UNPACKED_BYTES = 8 << 30
#: A file that is small but unpacks to many times its size is a trap and no delivery.
LARGEST_RATIO = 200
_SMALL_BYTES = 64 << 20
_BLANKS = " \t\r\n\u3000\ufeff\u200b"


def refuse_size(
    name: str, packed: int, unpacked: int, largest: int = LARGEST_UNPACKED_BYTES
) -> None:
    """Raise UnreadableFileError when a file of `packed` bytes unpacks to too many."""
    if unpacked > min(largest, max(_SMALL_BYTES, packed * LARGEST_RATIO)):
        raise UnreadableFileError(
            name,
            f"its {packed} bytes unpack to {unpacked} or more",
            "split the delivery into smaller files; a small file that unpacks to this size is no"
            " delivery, ask who put it there",
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
