"""A sample of keys: bounded, the same each time, and no key twice."""

import random
from hashlib import blake2b

from pannier.planning.key_sample import KeySample


def digest(number: int) -> bytes:
    return blake2b(b"%d" % number, digest_size=16).digest()


def sample(numbers: list[int], size: int) -> set[str]:
    made = KeySample(size)
    for number in numbers:
        made.offer(digest(number), "shop", {"PK": {"N": str(number)}}, None)
        assert len(made.keys) <= size
    return {each.key["PK"]["N"] for each in made.keys.values()}


def test_the_order_and_repetitions_do_not_matter() -> None:
    numbers = list(range(500)) * 3
    random.Random(1).shuffle(numbers)
    found = sample(numbers, 50)
    assert len(found) == 50
    assert found == sample(list(range(500)), 50)


def test_a_sample_with_room_holds_all_keys() -> None:
    assert len(sample(list(range(40)) * 2, 50)) == 40


def test_every_key_has_the_same_chance() -> None:
    """Of 20,000 keys a quarter is below 5,000; so is about a quarter of the sample."""
    found = sample(list(range(20_000)), 2000)
    below = sum(int(each) < 5000 for each in found)
    assert 400 < below < 600
