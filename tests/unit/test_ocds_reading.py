"""Reading of JSON lines, release and record packages, whole and damaged."""

import gzip
import io
import json
import tracemalloc
from pathlib import Path
from typing import Any

import pytest

from qinglian.ocds.reading import OcdsFileError, Reader

A = {"ocid": "a", "tender": {"title": "甲"}}
B = {"ocid": "b", "tender": {"numberOfTenderers": 1}}
RELEASES = [
    {"ocid": "a", "date": "2025-02-01", "tag": ["award"], "awards": [{"id": 1, "status": "x"}]},
    {"ocid": "b", "date": "2025-01-01", "tag": ["tender"], "tender": {"title": "b"}},
    {"ocid": "a", "date": "2025-01-01", "tag": ["tender"], "tender": {"title": "a", "x": 1}},
    {
        "ocid": "a",
        "date": "2025-03-01",
        "tag": ["awardUpdate"],
        "tender": {"x": None},
        "awards": [{"id": 1, "status": "active"}, {"id": 2, "status": "active"}],
    },
]
MERGED_AWARDS = [{"id": 1, "status": "active"}, {"id": 2, "status": "active"}]


def read(tmp_path: Path, content: str | bytes, **options: Any) -> tuple[list[Any], Reader]:
    path = tmp_path / "in.json"
    path.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)
    reader = Reader(path, **options)
    return list(reader.releases()), reader


def lines(*values: object) -> str:
    return "".join(json.dumps(value, ensure_ascii=False) + "\n" for value in values)


def package(name: str, values: list[Any], indent: int | None = 2) -> str:
    return json.dumps({"uri": "x", "version": "1.1", name: values}, indent=indent)


@pytest.mark.parametrize(
    "content",
    [
        lines(A, B),
        "\ufeff" + lines(A, B),
        "\n  \n" + lines(A) + "\r\n\n" + lines(B).strip(),
        json.dumps([A, B]),
        json.dumps([A, B], indent=1),
        json.dumps(A, indent=1) + json.dumps(B, indent=1),
        package("releases", [A, B]),
        package("releases", [A, B], None),
        '{"uri": "x", "releases": [\n' + lines(A).strip() + ",\n" + lines(B) + "]}",
        package("records", [{"ocid": "a", "compiledRelease": A}, {"compiledRelease": B}]),
        package("records", [{"ocid": "a", "releases": [A]}, {"ocid": "b", "releases": [B]}]),
        lines({"ocid": "a", "compiledRelease": A}, {"uri": "x", "releases": [B]}),
        lines({"records": [{"compiledRelease": A}, {"compiledRelease": B}]}),
    ],
)
def test_every_form_gives_the_same_processes(tmp_path: Path, content: str) -> None:
    found, reader = read(tmp_path, content)

    assert sorted(found, key=lambda release: str(release["ocid"])) == [A, B]
    assert reader.faults.count == 0


def test_gzip_is_read_by_its_first_bytes(tmp_path: Path) -> None:
    assert read(tmp_path, gzip.compress(lines(A, B).encode()))[0] == [A, B]
    assert read(tmp_path, gzip.compress(package("releases", [A, B]).encode()))[0] == [A, B]


def test_standard_input_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(lines(A, B).encode())))

    assert list(Reader(Path("-")).releases()) == [A, B]


@pytest.mark.parametrize("wrap", [True, False])
def test_releases_of_a_process_are_merged_by_date_and_id(tmp_path: Path, wrap: bool) -> None:
    if wrap:
        found, _ = read(tmp_path, package("releases", RELEASES))
    else:
        found, _ = read(tmp_path, lines(*RELEASES), merge_lines=True)

    first, second = found
    assert (first["ocid"], first["date"], first["tag"]) == ("a", "2025-03-01", ["compiled"])
    assert first["tender"] == {"title": "a"}
    assert first["awards"] == MERGED_AWARDS
    assert second == RELEASES[1]


def test_plain_lines_are_processes_each_and_are_not_merged(tmp_path: Path) -> None:
    assert read(tmp_path, lines(*RELEASES))[0] == RELEASES


def test_a_record_counts_by_its_compiled_release_else_by_its_releases(tmp_path: Path) -> None:
    of_a = [release for release in RELEASES if release["ocid"] == "a"]
    both = {"ocid": "a", "compiledRelease": A, "releases": of_a}
    embedded = {"ocid": "a", "releases": of_a}
    links = {"ocid": "c", "releases": [{"url": "x", "date": "2025-01-01"}]}

    found, reader = read(tmp_path, package("records", [both, embedded, links]))

    assert found[0] == A
    assert found[1]["awards"] == MERGED_AWARDS
    assert len(found) == 2
    assert reader.faults.count == 1
    assert "ocid 'c'" in reader.faults.shown[0]
    assert "only links" in reader.faults.shown[0]


def test_releases_that_cannot_be_ordered_are_told_and_the_others_go_on(tmp_path: Path) -> None:
    undated = [{"ocid": "u"}, {"ocid": "u", "date": "2025-01-01"}]
    clash = [
        {"ocid": "t", "date": "1", "tender": {"title": "x"}},
        {"ocid": "t", "date": "2", "tender": "x"},
        {"ocid": "t", "date": "3", "tender": {"title": "y"}},
    ]
    found, reader = read(tmp_path, package("releases", [*undated, *clash, B]))

    assert B in found
    assert "ocid 'u'" in reader.faults.shown[0]
    assert "Remedy: give each release its date" in reader.faults.shown[0]


@pytest.mark.parametrize(
    ("bad", "told"),
    [
        (b'{"ocid": "x", ', "no valid JSON"),
        (b'{"ocid": "x", "n": NaN}', "no JSON number"),
        (b'{"ocid": "\xff"}', "no valid JSON"),
        (b'{"a":' * 100_000, "no valid JSON"),
        (b"7", "not a JSON object"),
        (b'{"ocid": 7}', "no ocid"),
        (b'{"releases": [{"date": "x"}]}', "releases[0]"),
    ],
)
@pytest.mark.parametrize("first", [True, False])
def test_a_bad_line_is_told_with_its_number_and_the_others_go_on(
    tmp_path: Path, bad: bytes, told: str, first: bool
) -> None:
    good = lines(A, B).encode()
    content = bad + b"\n" + good if first else good + bad + b"\n"
    found, reader = read(tmp_path, content)

    assert found == [A, B]
    assert reader.faults.count == 1
    assert f"in.json, line {1 if first else 3}" in reader.faults.shown[0]
    assert told in reader.faults.shown[0]
    assert "Remedy: " in reader.faults.shown[0]
    assert not reader.faults.cut_off


def test_many_faults_are_counted_and_the_first_shown(tmp_path: Path) -> None:
    _, reader = read(tmp_path, lines(A) + "{]\n" * 50)

    assert reader.faults.count == 50
    assert len(reader.faults.shown) == 20


@pytest.mark.parametrize("name", ["releases", "records"])
def test_a_package_that_breaks_off_gives_what_came_before_and_says_so(
    tmp_path: Path, name: str
) -> None:
    values = [A, B] if name == "releases" else [{"compiledRelease": A}, {"compiledRelease": B}]
    content = package(name, values)
    found, reader = read(tmp_path, content[: content.index('"b"')])

    assert found == [A]
    assert reader.faults.cut_off
    assert f"after entry 1 of {name}" in reader.faults.shown[0]


def test_no_file_and_broken_gzip_are_told(tmp_path: Path) -> None:
    with pytest.raises(OcdsFileError, match=r"nothing\.json"):
        list(Reader(tmp_path / "nothing.json").releases())
    with pytest.raises(OcdsFileError, match="cannot be read"):
        read(tmp_path, gzip.compress(lines(*[A] * 5000).encode())[:-20])


def test_an_empty_file_has_no_processes(tmp_path: Path) -> None:
    assert read(tmp_path, "")[0] == []
    assert read(tmp_path, package("releases", []))[0] == []


@pytest.mark.parametrize("form", ["lines", "records", "releases"])
def test_memory_does_not_grow_with_the_file(tmp_path: Path, form: str) -> None:
    path = tmp_path / "big.json"
    filler = {"description": "x" * 2000}
    with path.open("w") as stream:
        stream.write("" if form == "lines" else f'{{"version": "1.1", "{form}": [')
        for i in range(10_000):
            release: dict[str, Any] = {"ocid": f"p{i}", "date": "2025-01-01", "tender": filler}
            value = {"compiledRelease": release} if form == "records" else release
            stream.write(("," if i and form != "lines" else "") + json.dumps(value))
            stream.write("\n" if form == "lines" else "")
        stream.write("" if form == "lines" else "]}")
    tracemalloc.start()
    try:
        count = sum(1 for _ in Reader(path).releases())
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert count == 10_000
    assert peak < path.stat().st_size / 5
