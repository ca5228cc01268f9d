"""Judge what the product is made of: `python -m tests.support.supply_chain hashes|licences|audit < what a tool wrote`.

`make hashes`, `make licences` and `make audit` run the tools.
"""

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent.parent
# What may be used by a product under Apache-2.0 without an obligation on its own code, as the beginning of a licence's words.
_KNOWN = ("pullquote", "axe-playwright-python")  # ours, and one under MIT that does not say so where tools look
_ALLOWED = re.compile(
    r"apache|mit\b|bsd|0bsd|[23]-clause|isc|mpl|mozilla public|python software|psf|hpnd|historical permission|zlib"
    r"|unlicense|the unlicense|public domain|cc0|cnri|blueoak|artistic|openldap|lgpl|gnu lesser|gnu library",
    re.IGNORECASE,
)


def hash_lines(report: dict[str, Any]) -> Iterator[str]:
    """Yield the lines of a requirements file with the SHA-256 of each archive that pip's report names."""
    for item in sorted(report["install"], key=lambda item: str(item["metadata"]["name"]).lower()):
        archive = item["download_info"].get("archive_info")
        if archive:  # the project itself is a folder
            name, version = item["metadata"]["name"], item["metadata"]["version"]
            yield f"{name}=={version} --hash=sha256:{archive['hashes']['sha256']}"


def licence_problems(packages: list[dict[str, str]]) -> Iterator[str]:
    """Yield a line for each package whose licence is not one of those allowed, as pip-licenses lists them."""
    if not packages:
        yield "No package was looked at."
    for package in packages:
        parts = re.split(r";| AND | OR ", package["License"])
        if package["Name"] not in _KNOWN and not any(_ALLOWED.match(part.strip(" ()")) for part in parts):
            yield f"{package['Name']} {package['Version']} is under {package['License']!r}: ask whether it may be used."


def audit_problems(audit: dict[str, Any], expected: int) -> Iterator[str]:
    """Yield a line for each known vulnerability, and for each package that pip-audit did not look at.

    Args:
        expected: how many packages there are.
    """
    packages = audit.get("dependencies", [])
    audited = [package for package in packages if "skip_reason" not in package]
    if len(audited) < expected:
        yield f"Only {len(audited)} of {expected} packages were audited."
    yield from (f"{each['name']} was not audited: {each['skip_reason']}." for each in packages if "skip_reason" in each)
    for package in audited:
        for each in package["vulns"]:
            fixed = ", ".join(each["fix_versions"]) or "none"
            yield f"{package['name']} {package['version']} has {each['id']}; versions without it: {fixed}."


def n_constraints() -> int:
    """Return how many packages are pinned."""
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    return sum("==" in line for line in lines)


def main() -> int:
    wanted, text = sys.argv[1], sys.stdin.read()
    if wanted == "audit" and not text.strip():
        print("Nothing was audited: pip-audit could not reach its database. Run it where there is a network.", file=sys.stderr)
        return 1
    data = json.loads(text)
    if wanted == "hashes":
        print(*hash_lines(data), sep="\n")
        return 0
    problems = [*(licence_problems(data) if wanted == "licences" else audit_problems(data, n_constraints()))]
    print(*problems, sep="\n", end="\n" if problems else "", file=sys.stderr)
    print(f"{len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
