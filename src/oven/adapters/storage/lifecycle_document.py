"""The lifecycle configuration of a bucket, as the XML that stores tell and take.

It is not read into anything else, for what is not known would be lost with that.
"""

from dataclasses import dataclass
from xml.etree import ElementTree as ET

NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/"
ROOT, ENABLED = "LifecycleConfiguration", "Enabled"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpiryRule:
    """What is below a prefix goes so many days after it was stored, at the midnight that follows."""

    name: str
    prefix: str
    days: int


def stands(document: bytes, rule: ExpiryRule) -> bool:
    """Whether a configuration has a rule, as it is meant; an empty document has none.

    Raises:
        ValueError: that is no lifecycle configuration.

    """
    root, place = _read(document)
    return any(_is_as_meant(found, place, rule) for found in _named(root, place, rule.name))


def with_rule(document: bytes, rule: ExpiryRule) -> bytes:
    """Give a configuration with a rule, in place of any other of its name; all others stay what they are.

    Raises:
        ValueError: that is no lifecycle configuration.

    """
    root, place = _read(document)
    for old in _named(root, place, rule.name):
        root.remove(old)
    others = root.findall(f"{place}Rule")
    for other in others:
        _gather(other, place)
    new = ET.SubElement(root, f"{place}Rule")
    ET.SubElement(new, f"{place}ID").text = rule.name
    # A configuration is of one form or of the other: Amazon takes no mixture.
    is_old_form = any(other.find(f"{place}Prefix") is not None for other in others)
    where = new if is_old_form else ET.SubElement(new, f"{place}Filter")
    ET.SubElement(where, f"{place}Prefix").text = rule.prefix
    ET.SubElement(new, f"{place}Status").text = ENABLED
    expiration = ET.SubElement(new, f"{place}Expiration")
    ET.SubElement(expiration, f"{place}Days").text = str(rule.days)
    written: bytes = ET.tostring(
        root, encoding="utf-8", xml_declaration=True, default_namespace=place.strip("{}") or None
    )
    return written


def _read(document: bytes) -> tuple[ET.Element, str]:
    """Give the root, and the namespace as it stands before each name, in braces."""
    if not document:
        return ET.Element(f"{{{NAMESPACE}}}{ROOT}"), f"{{{NAMESPACE}}}"
    try:
        # As the store's library has read it before.
        root = ET.fromstring(document)  # noqa: S314
    except ET.ParseError as error:
        raise ValueError(f"the store's lifecycle configuration is no XML: {error}") from error
    brace, name = root.tag.rpartition("}")[::2]
    if name != ROOT:
        raise ValueError(f"the store gives {name[:40]!r} for its lifecycle configuration")
    return root, f"{brace}}}" if brace else ""


def _named(root: ET.Element, place: str, name: str) -> list[ET.Element]:
    return [found for found in root.findall(f"{place}Rule") if found.findtext(f"{place}ID") == name]


def _is_as_meant(found: ET.Element, place: str, rule: ExpiryRule) -> bool:
    where = found.find(f"{place}Filter")
    where = found if where is None else where
    is_narrowed = where is not found and len(where) > 1
    return not is_narrowed and (
        where.findtext(f"{place}Prefix"),
        found.findtext(f"{place}Status"),
        found.findtext(f"{place}Expiration/{place}Days"),
    ) == (rule.prefix, ENABLED, str(rule.days))


def _gather(rule: ET.Element, place: str) -> None:
    """Let the conditions of a rule stand together, where there are several.

    Ceph tells some of them beside the rest, and forgets those when it is given them so: the rule would then
    be for more than its owner meant.
    """
    where = rule.find(f"{place}Filter")
    if where is None or len(where) <= 1:
        return
    together = where.find(f"{place}And")
    inner = [] if together is None else list(together)
    beside = [condition for condition in where if condition is not together]
    for old in list(where):
        where.remove(old)
    ET.SubElement(where, f"{place}And").extend([*beside, *inner])
