"""One thread rings every alarm, in the order in which they are due, and only those that still hold."""

from __future__ import annotations

import queue
import threading

from conformance.transport.watchdog import Alarm, Watchdog

LATE_S = 20.0


def test_alarms_ring_in_the_order_in_which_they_are_due() -> None:
    """A deadline that is set later but is due earlier wakes the watchdog."""
    rung: queue.Queue[Alarm] = queue.Queue()
    watchdog = Watchdog()
    second = watchdog.set(0.2, rung.put)
    first = watchdog.set(0.01, rung.put)
    assert [rung.get(timeout=LATE_S), rung.get(timeout=LATE_S)] == [first, second]


def test_a_cancelled_alarm_does_not_ring() -> None:
    """What ended in time is left alone, and the next deadline is still met."""
    rung: queue.Queue[Alarm] = queue.Queue()
    watchdog = Watchdog()
    watchdog.set(0.01, rung.put).cancel()
    last = watchdog.set(0.05, rung.put)
    assert rung.get(timeout=LATE_S) is last
    assert rung.empty()


def test_an_alarm_rings_once() -> None:
    """Neither a second ring nor a late cancel does anything."""
    rung: list[Alarm] = []
    alarm = Alarm(rung.append)
    alarm.ring()
    alarm.ring()
    alarm.cancel()
    assert rung == [alarm]


def test_many_deadlines_need_one_thread() -> None:
    """A thousand exchanges under way do not make a thousand threads."""
    watchdog = Watchdog()
    before = threading.active_count()
    for _ in range(1000):
        watchdog.set(60, lambda _alarm: None)
    assert threading.active_count() <= before + 1
