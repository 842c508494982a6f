"""What the documentation promises about itself."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
LINK = re.compile(r"\[[^\]]*\]\(([^)#\s]+)(?:#[^)]*)?\)")


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    for target in LINK.findall(page.read_text()):
        if "://" not in target and not target.startswith("mailto:"):
            assert (page.parent / target).exists(), target


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_page_begins_with_a_title(page: Path) -> None:
    assert page.read_text().startswith("# ")


def test_every_decision_is_listed_and_has_its_three_parts() -> None:
    folder = ROOT / "docs" / "decisions"
    listed = (folder / "README.md").read_text()
    decisions = sorted(folder.glob("0*.md"))

    assert len(decisions) >= 10
    for decision in decisions:
        assert decision.name in listed
        text = decision.read_text()
        assert all(part in text for part in ("**Context.**", "**Decision.**", "**Consequences.**"))


def test_every_page_of_docs_is_reachable_from_its_index() -> None:
    index = (ROOT / "docs" / "README.md").read_text()
    for folder in ("tutorial", "how-to", "reference", "explanation"):
        for page in (ROOT / "docs" / folder).glob("*.md"):
            assert f"{folder}/{page.name}" in index, page.name
