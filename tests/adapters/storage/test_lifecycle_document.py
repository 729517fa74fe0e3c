"""A rule more in a bucket's lifecycle configuration."""

import pytest

from oven.adapters.storage.lifecycle_document import NAMESPACE, ExpiryRule, stands, with_rule

RULE = ExpiryRule(name="oven-shorts", prefix="exports/", days=2)
OURS = (
    "<Rule><ID>oven-shorts</ID><Filter><Prefix>exports/</Prefix></Filter>"
    "<Status>Enabled</Status><Expiration><Days>2</Days></Expiration></Rule>"
)
# With what no library of today knows.
THEIRS = (
    "<Rule><ID>theirs</ID><Filter><Prefix>tmp/</Prefix></Filter><Status>Disabled</Status>"
    '<Expiration><Date>2030-01-01T00:00:00Z</Date></Expiration><Whim kind="new">a &amp; b</Whim></Rule>'
)


def configuration(*rules: str, namespace: str = f' xmlns="{NAMESPACE}"') -> bytes:
    body = f"<LifecycleConfiguration{namespace}>{''.join(rules)}</LifecycleConfiguration>"
    return f"<?xml version='1.0' encoding='utf-8'?>\n{body}".encode()


def theirs(condition: str) -> str:
    return f"<Rule><ID>t</ID><Filter>{condition}</Filter><Status>Enabled</Status></Rule>"


def test_a_bucket_without_any() -> None:
    """Has this one then."""
    assert not stands(b"", RULE)
    assert with_rule(b"", RULE) == configuration(OURS)
    assert stands(with_rule(b"", RULE), RULE)


def test_the_operators_rules() -> None:
    """Stay what they are, in their order, to what nobody here has heard of."""
    plain = THEIRS.replace(' kind="new"', "")
    assert with_rule(configuration(plain), RULE) == configuration(plain, OURS)
    assert stands(configuration(plain, OURS), RULE)
    bare = configuration(plain, namespace="")
    assert with_rule(bare, RULE) == configuration(plain, OURS, namespace="")


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("<Days>2</Days>", "<Days>1</Days>"),
        ("<Status>Enabled", "<Status>Disabled"),
        ("<Prefix>exports/", "<Prefix>"),
        ("<Prefix>exports/</Prefix>", "<Prefix>exports/</Prefix><Tag><Key>a</Key><Value>b</Value></Tag>"),
    ],
)
def test_one_of_its_name_that_is_another(said: str, told: str) -> None:
    """Is replaced."""
    other = configuration(OURS.replace(said, told), theirs("<Prefix>x/</Prefix>"))
    assert not stands(other, RULE)
    assert with_rule(other, RULE) == configuration(theirs("<Prefix>x/</Prefix>"), OURS)


def test_the_old_form() -> None:
    """Is followed where others have it: there a rule's prefix stands beside its name."""
    old = THEIRS.replace("<Filter>", "").replace("</Filter>", "").replace(' kind="new"', "")
    ours = OURS.replace("<Filter>", "").replace("</Filter>", "")
    assert with_rule(configuration(old), RULE) == configuration(old, ours)
    assert stands(configuration(old, ours), RULE)


A, B = "<Tag><Key>a</Key><Value>b</Value></Tag>", "<Tag><Key>c</Key><Value>d</Value></Tag>"


@pytest.mark.parametrize(
    ("told", "sent"),
    [
        ("<Prefix>x/</Prefix>", "<Prefix>x/</Prefix>"),
        (A, A),
        ("", ""),
        (f"<And><Prefix>x/</Prefix>{A}</And>", f"<And><Prefix>x/</Prefix>{A}</And>"),
        (f"<Prefix>x/</Prefix>{A}", f"<And><Prefix>x/</Prefix>{A}</And>"),
        (f"<Prefix>x/</Prefix><And>{A}{B}</And>", f"<And><Prefix>x/</Prefix>{A}{B}</And>"),
    ],
)
def test_conditions_that_stand_apart(told: str, sent: str) -> None:
    """Are gathered, for a store may forget some of them, and the rule would be for more than was meant."""
    sent = theirs(sent).replace("<Filter></Filter>", "<Filter />")
    assert with_rule(configuration(theirs(told)), RULE) == configuration(sent, OURS)


@pytest.mark.parametrize("document", [b"no", b"<html/>", b"<LifecycleConfiguration>"])
def test_what_is_no_configuration(document: bytes) -> None:
    """Is refused, and nothing is made of it."""
    for use in (stands, with_rule):
        with pytest.raises(ValueError, match="lifecycle configuration"):
            use(document, RULE)
