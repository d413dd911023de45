"""The table of numbers by hash gives what a dict would give."""

from random import Random

from scraper.inputs.hashing import HashSet, NumberTable


def test_a_table_gives_what_a_dict_gives() -> None:
    random = Random(1)
    keys = [random.getrandbits(64) for _ in range(5_000)] + [place * 2**40 for place in range(1_000)]  # one shard
    table, expected = NumberTable(), dict(zip(keys, range(1, len(keys) + 1), strict=True))
    for key, number in expected.items():
        assert table[key] == 0
        table[key] = number
    assert all(table[key] == number for key, number in expected.items())
    assert all(table[random.getrandbits(64)] == 0 for _ in range(1_000))


def test_a_number_can_be_replaced() -> None:
    table = NumberTable()
    table[2**64 - 1] = 1
    table[2**64 - 1] = 2
    assert table[2**64 - 1] == 2


def test_a_set_holds_what_a_set_holds() -> None:
    random = Random(2)
    keys = [0, *(random.getrandbits(64) for _ in range(3_000)), *(place * 2**40 for place in range(1, 200))]
    hashes = HashSet()
    assert all(hashes.add(key) for key in keys)
    assert not any(hashes.add(key) for key in keys)
    assert set(hashes) == {key or 1 for key in keys}
