"""Answers that are made on a thread, and the thread that goes when nothing is left to make."""

import asyncio
import gc
import threading
from collections.abc import Callable

import pytest

from pannier.service.http.messages import HttpResponse
from pannier.service.worker import Worker

_NAME = "pannier-answers"


def response(body: bytes) -> HttpResponse:
    return HttpResponse(200, {}, body)


def threads() -> list[threading.Thread]:
    return [each for each in threading.enumerate() if each.name.startswith(_NAME)]


async def answers(worker: Worker, made: list[Callable[[], HttpResponse]]) -> list[HttpResponse]:
    """What all of them are answered, in the order in which they are."""
    answered: list[HttpResponse] = []
    all_of_them = asyncio.Event()

    def respond(answer: HttpResponse | None) -> None:
        assert answer is not None
        answered.append(answer)
        if len(answered) == len(made):
            all_of_them.set()

    for make in made:
        worker.answer(make, respond)
    await all_of_them.wait()
    return answered


def test_answers_come_in_the_order_of_their_requests() -> None:
    bodies = [str(number).encode() for number in range(100)]
    made = [lambda body=body: response(body) for body in bodies]
    found = asyncio.run(answers(Worker(), made))
    assert [each.body for each in found] == bodies


def test_the_thread_ends_with_the_last_answer(request: pytest.FixtureRequest) -> None:
    """Not when the collector of garbage comes by: in a thousand tests that may be a thousand."""
    gc.disable()
    request.addfinalizer(gc.enable)
    before = set(threads())
    worker = Worker()
    for _ in range(3):
        asyncio.run(answers(worker, [lambda: response(b"one")]))
        for thread in set(threads()) - before:
            thread.join(10)
        assert set(threads()) == before


def test_who_comes_when_too_many_wait_is_told_to_come_again() -> None:
    goes_on = threading.Event()

    def slow() -> HttpResponse:
        goes_on.wait(10)
        return response(b"made")

    async def flooded() -> list[HttpResponse]:
        asyncio.get_running_loop().call_later(0.05, goes_on.set)
        return await answers(Worker(), [slow] * 300)

    found = asyncio.run(flooded())
    assert [each.status for each in found] == [503] * 44 + [200] * 256
