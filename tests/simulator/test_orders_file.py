"""Work orders from a spreadsheet or a TOML file: what is good replaces a line's orders, what is not is named."""

import datetime as dt

import pytest
from plant_text import PLANT

from contract.errors import PlantError
from simulator.orders_file import with_orders
from simulator.plant import Order, Park
from simulator.plant_file import load_park, park_of, parse_plant

ONE = park_of(parse_plant(PLANT, "p.toml"))
DUE = "2026-01-09T16:00:00+07:00"
GOOD = f"id,product,quantity,due\nA-1,red,10,{DUE}\nA-2,blue,5,\n"
ORDERS = (Order("A-1", "red", 10, due=dt.datetime.fromisoformat(DUE)), Order("A-2", "blue", 5))


def two_lines():
    """The plant of the tests, with a second line beside the first."""
    second = PLANT[PLANT.index("[[lines]]") :].replace('id = "l"', 'id = "k"')
    for old, new in (("O-1", "P-1"), ("O-2", "P-2"), ("M-", "N-")):
        second = second.replace(old, new)
    return park_of(parse_plant(PLANT + second, "two.toml"))


def read(tmp_path, text, park=ONE, name="orders.csv"):
    (tmp_path / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    return with_orders(park, str(tmp_path / name))


def spreadsheet(text, separator):
    return b"\xef\xbb\xbf" + text.replace(",", separator).replace("\n", "\r\n").encode()


@pytest.mark.parametrize(
    "text",
    [
        GOOD,
        GOOD.replace("\n", "\r\n"),
        spreadsheet(GOOD, ";"),
        spreadsheet(GOOD, "\t"),
        GOOD.replace("id,product", "ID, Product").replace("A-2,blue", " A-2 , blue"),
        GOOD + "\n,,,\n",
        GOOD.replace("5,\n", "5\n"),
        GOOD.replace("A-1,red", '"A-1","red"'),
        f"line,due,quantity,product,id\nl,{DUE},10,red,A-1\n,,5,blue,A-2\n",
    ],
)
def test_a_spreadsheet_is_read_however_it_was_saved(tmp_path, text):
    line = read(tmp_path, text).plants[0].lines[0]
    assert line.orders == ORDERS
    assert line.demand == ONE.plants[0].lines[0].demand


def test_toml_says_the_same(tmp_path):
    text = f'[[orders]]\nid = "A-1"\nproduct = "red"\nquantity = 10\ndue = {DUE}\n'
    text += '[[orders]]\nid = "A-2"\nproduct = "blue"\nquantity = 5\nline = "l"\n'
    assert read(tmp_path, text, name="orders.toml").plants[0].lines[0].orders == ORDERS


def test_lines_that_are_not_named_keep_their_orders(tmp_path):
    park = two_lines()
    changed = read(tmp_path, "line,id,product,quantity\nk,A-1,red,10\n", park)
    first, second = changed.plants[0].lines
    assert first == park.plants[0].lines[0]
    assert second.orders == (Order("A-1", "red", 10),)


def test_in_a_park_a_line_is_named_with_its_plant_where_it_must_be(tmp_path):
    other = parse_plant(PLANT.replace('id = "p"', 'id = "q"'), "q.toml")
    park = Park("k", ONE.name, (*ONE.plants, other, *load_park("smt").plants))
    changed = read(tmp_path, "line,id,product,quantity\nq/l,A-1,red,10\nsmt-1,A-2,router-board-a,9\n", _apart(park))
    assert [[order.id for order in plant.lines[0].orders] for plant in changed.plants] == [
        ["O-1", "O-2"],
        ["A-1"],
        ["A-2"],
    ]
    with pytest.raises(PlantError, match=r"row 2\.line: there is no line 'l': .*p/l"):
        read(tmp_path, "line,id,product,quantity\nl,A-1,red,10\n", _apart(park))


def _apart(park):
    """The second plant elsewhere, its demand called otherwise."""
    text = PLANT.replace('id = "p"', 'id = "q"').replace('site = "s"', 'site = "z"').replace("M-", "N-")
    return Park(park.id, park.name, (park.plants[0], parse_plant(text, "q.toml"), park.plants[2]))


MISTAKES = [
    ("", r"the file is empty: its first row names the columns: id,product,quantity,due,line"),
    ("\n \n", r"the file is empty"),
    ("id,product,quantity\n", r"orders: there is none in it"),
    (GOOD.replace("quantity", "amount"), r"row 1: there is no column 'amount': remove it; there are id, product"),
    (GOOD.replace("quantity", "quantiti"), r"row 1: there is no column 'quantiti': did you mean 'quantity'"),
    ("id,product\nA-1,red\n", r"row 1: the column 'quantity' is missing: add it"),
    ("id,id,product,quantity\n", r"row 1: column 'id' is there twice"),
    (GOOD.replace("A-2,blue,5,", "A-2,blue,5,,,"), r"row 3: 6 cells under 4 names"),
    (GOOD.replace(",10,", ",ten,"), r"row 2\.quantity: 'ten' is not a whole number: write it with digits only"),
    (GOOD.replace(",10,", ",1.000,"), r"row 2\.quantity: '1\.000' is not a whole number"),
    (GOOD.replace(",10,", ",-3,"), r"row 2\.quantity: '-3' is not a whole number"),
    (GOOD.replace(",10,", ",,"), r"row 2\.quantity: this is empty"),
    (GOOD.replace(",10,", ",0,"), r"row 2\.quantity: 0 must be from 1"),
    (GOOD.replace(",10,", ",99999999999,"), r"row 2\.quantity: 99999999999 must be from 1 to 10000000"),
    (GOOD.replace("blue", "bleu"), r"row 3\.product: there is no product 'bleu': did you mean 'blue'"),
    (GOOD.replace("A-2", "A-1"), r"row 3\.id: order 'A-1' is there already, at row 2"),
    (GOOD.replace("A-2", ""), r"row 3\.id: this is empty"),
    (GOOD.replace("A-2", "A 2"), r"row 3\.id: 'A 2': use letters, digits"),
    (GOOD.replace("A-2", "A" * 41), r"row 3\.id: .*at most 40"),
    (GOOD.replace("+07:00", ""), r"row 2\.due: .*has no offset: write it like 2026-01-09T16:00:00\+07:00"),
    (GOOD.replace(DUE, "friday"), r"row 2\.due: 'friday' is not a time: write it like 2026"),
    (GOOD.replace("2026-", "1826-"), r"row 2\.due: .*not between the years 2000 and 2100"),
    ("line,id,product,quantity\nm,A-1,red,1\n", r"row 2\.line: there is no line 'm': use one of l"),
    (GOOD.replace("A-1", '"A-1'), r"row \d: this is not CSV"),
    (GOOD.encode("utf-16"), r"this is not UTF-8 text: save it as 'CSV UTF-8'"),
]


@pytest.mark.parametrize(("text", "message"), MISTAKES, ids=[mistake[1][:30] for mistake in MISTAKES])
def test_a_mistake_in_a_spreadsheet_is_named(tmp_path, text, message):
    with pytest.raises(PlantError, match=message) as error:
        read(tmp_path, text)
    assert str(error.value).startswith(f"{tmp_path / 'orders.csv'}: ")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[[orders]\n", r"this is not TOML"),
        ("", r"top level: a key is missing, add `orders`"),
        ("orders = []\n", r"orders: there is none in it"),
        ('[[orders]]\nid = "A"\nproduct = "red"\n', r"orders\[0\]: a key is missing, add `quantity`.*at A"),
        ('[[orders]]\nid = "A"\nproduct = "red"\nquantity = 1\ndeu = 3\n', r"no key 'deu': did you mean 'due'"),
        ('[[orders]]\nid = "A"\nproduct = "rd"\nquantity = 1\n', r"orders\[0\]\.product: there is no product 'rd'"),
    ],
)
def test_a_mistake_in_toml_is_named(tmp_path, text, message):
    with pytest.raises(PlantError, match=message):
        read(tmp_path, text, name="orders.toml")


def test_a_line_must_be_said_where_there_are_several(tmp_path):
    with pytest.raises(PlantError, match=r"row 2\.line: there are several lines: say which, one of l, k"):
        read(tmp_path, GOOD, two_lines())


def test_an_order_of_another_line_is_not_there_again(tmp_path):
    with pytest.raises(PlantError, match=r"order 'O-1' is there twice"):
        read(tmp_path, "line,id,product,quantity\nk,O-1,red,10\n", two_lines())


def test_a_missing_file_is_said(tmp_path):
    with pytest.raises(PlantError, match="cannot be read"):
        with_orders(ONE, str(tmp_path / "none.csv"))
