"""The grammar of expressions: what is read, and that nothing else is."""

from __future__ import annotations

import pytest

from model_export.transformers.expression_trees import (
    FUNCTIONS,
    ColumnName,
    Number,
    Operation,
    columns_of,
    divisors_of,
    fold,
    parse_expression,
)


def shown(text: str) -> str:
    """The tree with brackets around every operation."""
    return fold(parse_expression(text), str, str, lambda name, arguments: f"({name} {' '.join(arguments)})")


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("price / area", "(/ price area)"),
        (" a + b * 2 ", "(+ a (* b 2.0))"),
        ("(a + b) % 3 - 1", "(- (% (+ a b) 3.0) 1.0)"),
        ("-a ** 2", "(negative (square a))"),
        ("a ** 0.5", "(sqrt a)"),
        ("a ** -2 + +b", "(+ (** a -2.0) b)"),
        ("2 ** a ** b", "(** 2.0 (** a b))"),
        ("a >= 1", "(>= a 1.0)"),
        ("(a < b) * (b != c)", "(* (< a b) (!= b c))"),
        ("where(isnan(a), 0, log1p(a))", "(where (isnan a) 0.0 (log1p a))"),
        ("minimum(año, größe)", "(minimum año größe)"),
        ('column("price (EUR)") / column("a b")', "(/ price (EUR) a b)"),
        ("a * 1_000 + 1e3 + .5", "(+ (+ (* a 1000.0) 1000.0) 0.5)"),
    ],
)
def test_an_expression_is_read_with_the_precedence_of_python(text: str, tree: str) -> None:
    assert shown(text) == tree


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "cannot be read"),
        ("a +", "cannot be read"),
        ("a; b", "cannot be read"),
        ("a\x00b", "cannot be read"),
        ("(" * 400 + "a" + ")" * 400, "cannot be read"),
        ("-" * 900 + "a", "more than 100 operations are inside of each other"),
        ("a" * 1001, "1001 characters, and the limit is 1000"),
        ("1 + 2", "names no column"),
        ("9" * 400 + " * a", "too large for float64"),
        ("__import__('os').system('true')", "is none of the functions"),
        ("a.real", "is not understood"),
        ("a[0]", "is not understood"),
        ("[a for a in b]", "is not understood"),
        ("lambda: a", "is not understood"),
        ("a if b else c", "is not understood"),
        ("(a := 1)", "is not understood"),
        ("a and b", "is not understood"),
        ("not a", "is not understood"),
        ("a // b", "is not understood"),
        ("a @ b", "is not understood"),
        ("a in b", "is not understood"),
        ("f'{a}'", "is not understood"),
        ("a < b < c", "write (a < b) * (b < c)"),
        ("'text'", "is no number"),
        ("True * a", "is no number"),
        ("1j * a", "is no number"),
        ("log(a, b)", "log takes one value"),
        ("where(a, b)", "where takes 3 values"),
        ("log(x=a)", "log takes one value, without names"),
        ("log(*a)", "is not understood"),
        ("eval(a)", "eval is none of the functions"),
        ("a(b)", "a is none of the functions"),
        ("column(a)", "takes the name of one column as text"),
        ("column('a', 'b')", "takes the name of one column as text"),
    ],
)
def test_whatever_is_not_in_the_grammar_is_refused_with_what_is(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match="expression") as refusal:
        parse_expression(text)
    assert reason in str(refusal.value)
    assert len(str(refusal.value)) < 600


def test_every_function_is_read() -> None:
    for name, count in FUNCTIONS.items():
        columns = tuple(ColumnName(f"x{place}") for place in range(count))
        written = f"{name}({', '.join(column.name for column in columns)})"
        assert parse_expression(written) == Operation(name, columns)


def test_columns_are_found_wherever_they_are() -> None:
    tree = parse_expression('a / (b + log(a)) + where(c > 1, column("d e") % 2, 3)')
    assert list(columns_of(tree)) == ["a", "b", "a", "c", "d e"]
    assert list(columns_of(Number(1.0))) == []


def test_divisors_are_the_columns_below_a_line() -> None:
    assert set(divisors_of(parse_expression("a / (b + 1) + c % log(d) - e * f"))) == {"b", "d"}
    assert set(divisors_of(parse_expression("a / (b / c)"))) == {"b", "c"}
