"""Which papers an agency's own words ask for, where they are plain enough to be sure.

"Proof of address or a lease" is one of two papers; "Bring ID and proof of income" is both. What
is not plain makes no condition: the words are shown, and nobody is sent away by a guess.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Final

from directory.eligibility import all_of
from directory.eligibility_rules import Condition, Group, Rule, canonical
from directory.folding import fold

#: By the code of a paper (``directory.eligibility_facts``): what it is called, folded.
_NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    "photo-id": (
        *("photo id", "photo identification", "picture id", "picture identification"),
        *("state id", "government id", "government issued id", "driver s license"),
        *("drivers license", "driver license", "identificacion con foto", "id con foto"),
    ),
    "birth-certificate": ("birth certificate", "birth certificates", "acta de nacimiento"),
    "social-security-card": (
        *("social security card", "social security cards", "tarjeta de seguro social"),
    ),
    "proof-of-address": (
        *(
            "proof of address",
            "proof of residence",
            "proof of residency",
            "proof of current address",
        ),
        "comprobante de domicilio",
    ),
    "proof-of-income": (
        *("proof of income", "proof of household income", "verification of income", "pay stub"),
        *("pay stubs", "paystub", "paystubs", "income verification", "comprobante de ingresos"),
    ),
    "proof-of-pregnancy": ("proof of pregnancy", "pregnancy verification"),
    "discharge-papers": ("dd 214", "dd214", "discharge papers", "military discharge"),
    "referral": ("referral", "referral letter", "letter of referral"),
    "lease": ("lease", "rental agreement", "lease agreement", "contrato de renta"),
    "utility-bill": (
        *("utility bill", "utility bills", "shut off notice", "shutoff notice"),
        *("disconnection notice", "disconnect notice", "recibo de luz"),
    ),
    "eviction-notice": ("eviction notice", "notice to quit", "notice of eviction"),
    "insurance-card": (
        *("insurance card", "medicaid card", "medicare card", "health insurance card"),
        "tarjeta de seguro medico",
    ),
}

_CODES: Final = {name: code for code, names in _NAMES.items() for name in names}
_CALLED: Final = re.compile(
    rf"(?<!\w)(?:{'|'.join(sorted(map(re.escape, _CODES), key=len, reverse=True))})(?!\w)"
)
_ALONE: Final = {"id": "photo-id", "identification": "photo-id", "identificacion": "photo-id"}

#: With one of these it is not plain that the paper is needed, or that it alone is.
_NOT_PLAIN: Final = {
    *("no", "not", "none", "never", "without", "unless", "except", "if", "may", "might"),
    *("optional", "preferred", "helpful", "available", "any", "other", "another", "similar"),
    *("equivalent", "etc", "either", "depending", "sometimes", "ask", "call", "some", "certain"),
    *("sin", "si", "otro", "otra", "opcional", "alguno", "cualquier", "disponible"),
}

_AND: Final = re.compile(r"\s*(?:;|&|\band\b|\by\b)\s*", re.IGNORECASE)
_OR: Final = re.compile(r"\s*(?:/|\bor\b|\bo\b)\s*", re.IGNORECASE)


def documents_rule(texts: Iterable[str]) -> Rule | None:
    """Return the rule that the papers which a service asks for make; None where none is plain."""
    return all_of(*map(_rule_of, texts))


def _rule_of(text: str) -> Rule | None:
    if _NOT_PLAIN & set(fold(text).split()):
        return None
    wanted, either = _AND.split(text), _OR.split(text)
    if len(either) == 1:
        return all_of(*(_paper(part) for each in wanted for part in each.split(",")))
    papers = [_paper(part) for each in either for part in each.split(",") if part.strip()]
    if len(wanted) > 1 or None in papers:  # "this and that or those": in which order?
        return None
    return canonical(Group("any", tuple(paper for paper in papers if paper is not None)))


def _paper(text: str) -> Condition | None:
    """Return the one paper that is called by its name."""
    folded = fold(text)
    if folded in _ALONE:
        return Condition("documents", _ALONE[folded])
    codes = {_CODES[name] for name in _CALLED.findall(folded)}
    return Condition("documents", codes.pop()) if len(codes) == 1 else None
