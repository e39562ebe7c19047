"""Exit 0 when an address answers 200, and its JSON says that the named part is healthy.

`python healthy.py URL [part]`; standard library only, since it runs every half minute.
"""

import json
import sys
import urllib.request


def main(url: str, part: str | None = None) -> None:
    """Raise, and so exit with 1, unless everything is well."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(url, timeout=5) as answer:
        body = answer.read()
    if part and json.loads(body)[part]["status"] != "healthy":
        raise SystemExit(f"{part} is not healthy")


if __name__ == "__main__":
    main(*sys.argv[1:])
