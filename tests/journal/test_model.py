"""Any order of appends, claims, answers, crashes and clock moves: the journal agrees with a few dictionaries.

The model knows only what the rules promise: where each event may be, what never changes again, and that a
platform that took an event is not asked to take it again.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from fullsignal.delivery.retry import next_step
from fullsignal.delivery.settle import Attempt, settle
from fullsignal.journal import Batch, Journal, Row, Start, claims, endings, retention
from fullsignal.journal.outcomes import Reader
from fullsignal.outgoing import Answer, Failed

NOW = 1_790_000_000.0
HOUR = 3_600
FINAL = {"delivered", "skipped", "merged", "duplicate", "suppressed", "refused", "expired", "dead"}
REPLAYABLE = {"refused", "expired", "dead"}
EXAMPLES = int(os.environ.get("FULLSIGNAL_MODEL_EXAMPLES", "40"))

holds = st.sampled_from(
    [
        None,
        None,
        Start("held", "merge", "", NOW, "send"),  # the time is replaced
        Start("held", "unpaid", "", NOW, "expire"),
        Start("held", "cooling", "", NOW, "send"),
        Start("skipped", "renewal", "A renewal."),
    ]
)
answers = st.sampled_from(
    [
        Answer("accepted", "0"),
        Answer("accepted", "0"),
        Answer("per_event", "20001", "Some failed."),
        Answer("retry", "50000"),
        Answer("throttled", "40100", after_seconds=2.0),
        Answer("ambiguous", "timeout"),
        Answer("ambiguous", "49999"),
        Answer("bisect", "40002", "Invalid value for event_id."),
        Answer("pause", "40105", reason="auth"),
    ]
)


class Sales(RuleBasedStateMachine):
    @initialize()
    def start(self) -> None:
        self.dir = Path(tempfile.mkdtemp(prefix="journal-model-"))
        self.loop = asyncio.new_event_loop()
        self.now = NOW
        self.roots: dict[int, int | None] = {}  # seq -> its first copy
        self.ended: dict[tuple[int, int], str] = {}  # (connection, seq) -> final state
        self.taken: dict[tuple[int, int], int] = {}  # how often the platform took it
        self.in_hand: dict[int, Batch] = {}  # batches that somebody is at
        self._open()

    def _open(self) -> None:
        self.journal = Journal(self.dir, self.now)
        two = [("shop", "first", "tiktok"), ("shop", "second", "tiktok")]
        links = self._do(self.journal.set_up(["shop"], two))
        self.links = [link.id for link in links]
        self.site = self.journal.site_ids()["shop"]
        self.reader = Reader(self.dir)

    def _close(self) -> None:
        self.reader.close()
        self.journal.close()

    def _do(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self.loop.run_until_complete(work)

    def _run(self, job: Any, *args: Any) -> Any:
        return self._do(self.journal.run(job, *args))

    def teardown(self) -> None:
        if hasattr(self, "dir"):
            self._drain()
            self._close()
            self.loop.close()
            shutil.rmtree(self.dir)

    # ---- what happens ---------------------------------------------------------------------------------

    @rule(count=st.integers(1, 30), start=holds)
    def append(self, count: int, start: Start | None) -> None:
        rows = [self._row(f"e{len(self.roots) + n}", start) for n in range(count)]
        taken = self._do(self.journal.append(rows, (), self.now))
        assert [known for _, known in taken] == [False] * count
        self.roots |= {seq: None for seq, _ in taken}

    @precondition(lambda self: self.roots)
    @rule(data=st.data(), keys=st.integers(0, 127), start=holds, trust=st.integers(0, 2))
    def append_a_copy(self, data: st.DataObject, keys: int, start: Start | None, trust: int) -> None:
        root = data.draw(st.sampled_from([seq for seq, of in self.roots.items() if of is None]))
        name = f"e{list(self.roots).index(root)}"
        before = {link: self._state(link, root)["state"] for link in self.links}
        ((seq, known),) = self._do(
            self.journal.append([self._row(name, start, keys=keys, trust=trust)], (), self.now)
        )
        assert known
        if not seq:
            return
        self.roots[seq] = root
        for link in self.links:
            state = self._state(link, seq)["state"]
            if before[link] in {"pending", "held"} and self._reason(link, root) != "replay":
                assert state == "merged"  # it was not claimed yet
            else:
                assert state in {"duplicate", "pending"}

    def _row(self, name: str, start: Start | None, *, keys: int = 1, trust: int = 1) -> Row:
        if start is not None and start.state == "held":
            start = Start("held", start.reason, "", self.now + 10, start.then_do)
        sale = start is None or start.reason in {"merge", "cooling"}
        effect = "sale" if sale else "skip" if start.state == "skipped" else "hold"
        mark = self.journal.keys.mark("id", name)
        return Row(
            *(self.site, "purchase", name, "web", int(self.now), self.now, f"source{trust}", trust),
            *(keys, 0, b"sealed", (mark,), (), True, start, effect),
        )

    @rule(link=st.integers(0, 1), limit=st.integers(1, 40), open_max=st.integers(1, 6))
    def claim(self, link: int, limit: int, open_max: int) -> None:
        number = self.links[link]
        batch = self._run(claims.claim, number, self.now, limit, open_max, "v1")
        if batch is None:
            return
        assert batch.id not in self.in_hand
        assert batch.seqs == sorted(set(batch.seqs))
        for other in self.in_hand.values():
            assert other.connection != number or not set(other.seqs) & set(batch.seqs)
        for seq in batch.seqs:
            assert (number, seq) not in self.ended, "what ended is claimed again"
        self.in_hand[batch.id] = batch

    @precondition(lambda self: self.in_hand)
    @rule(data=st.data(), answer=answers, share=st.floats(0, 1), random=st.floats(0, 1))
    def answer(self, data: st.DataObject, answer: Answer, share: float, random: float) -> None:
        batch = self.in_hand.pop(data.draw(st.sampled_from(sorted(self.in_hand))))
        if answer.verdict == "per_event":
            failed = tuple(Failed(n, "20001", "") for n in range(round(share * len(batch.seqs))))
            answer = Answer("per_event", "20001", "Some failed.", failed=failed)
        attempt = self._run(claims.begin, batch, 100, self.now)
        understood = answer.code != "49999"
        step = next_step(batch, answer, understood, self.now, self.now, random)
        self._run(settle, Attempt(attempt, batch, answer, 200, b"body", 60.0), step, self.now)
        if answer.verdict in {"accepted", "per_event"}:
            refused = {f.index for f in answer.failed}
            for index, seq in enumerate(batch.seqs):
                if index not in refused:
                    key = (batch.connection, seq)
                    self.taken[key] = self.taken.get(key, 0) + 1

    @precondition(lambda self: self.in_hand)
    @rule(data=st.data(), share=st.floats(0, 1))
    def drop(self, data: st.DataObject, share: float) -> None:
        """Some of a batch turn out to be too old, or nobody consented."""
        number = data.draw(st.sampled_from(sorted(self.in_hand)))
        batch = self.in_hand.pop(number)
        gone = batch.seqs[: round(share * len(batch.seqs))]
        left = self._run(claims.drop, batch, [(s, "expired", "too_old", "") for s in gone], self.now)
        assert (left is None) == (len(gone) == len(batch.seqs))
        if left is not None:
            self.in_hand[number] = left

    @precondition(lambda self: self.in_hand)
    @rule(data=st.data(), at=st.integers(1, 39))
    def split(self, data: st.DataObject, at: int) -> None:
        batch = self.in_hand.pop(data.draw(st.sampled_from(sorted(self.in_hand))))
        groups = [group for group in (batch.seqs[:at], batch.seqs[at:]) if group]
        self._run(claims.split, batch, groups, self.now)

    @precondition(lambda self: self.in_hand)
    @rule(data=st.data())
    def fail_in_the_middle(self, data: st.DataObject) -> None:
        batch = self.in_hand.pop(data.draw(st.sampled_from(sorted(self.in_hand))))
        self._run(claims.begin, batch, 100, self.now)
        self._run(claims.give_back, batch, self.now + 1, self.now)

    @rule(attempting=st.booleans())
    def crash(self, attempting: bool) -> None:
        """What was in hand is forgotten; every commit survives."""
        begun = list(self.in_hand.values()) if attempting else []
        for batch in begun:
            self._run(claims.begin, batch, 100, self.now)
        self._close()
        self.in_hand.clear()
        self._open()
        assert self.journal.interrupted == len(begun)

    @rule(seconds=st.sampled_from([0.5, 5, 11, 60, HOUR, 30 * HOUR]))
    def time_goes_by(self, seconds: float) -> None:
        self.now += seconds

    @rule(link=st.integers(0, 1))
    def the_operator_changes_something(self, link: int) -> None:
        self._run(claims.probe_now, self.links[link], self.now)

    @precondition(lambda self: self.ended)
    @rule(data=st.data(), link=st.integers(0, 1), force=st.booleans())
    def replay(self, data: st.DataObject, link: int, force: bool) -> None:
        number = self.links[link]
        seqs = data.draw(st.lists(st.sampled_from(sorted(self.roots)), max_size=5))
        said = self._run(endings.replay, number, seqs, self.now, force)
        for seq, word in said.items():
            if word == "replayed":
                assert self.ended.pop((number, seq)) in REPLAYABLE
            else:
                assert word in {"not_ended", "needs_force"} or word.startswith("is_")

    @rule()
    def forget(self) -> None:
        self._run(retention.forget, self.now)

    # ---- what always holds ----------------------------------------------------------------------------

    def _state(self, link: int, seq: int) -> dict[str, Any]:
        (found,) = [known for known in self.reader.links() if known.id == link]
        return self.reader.outcome(found, seq)

    def _reason(self, link: int, seq: int) -> str:
        return str(self._state(link, seq)["reason"])

    @invariant()
    def the_ledger_balances(self) -> None:
        ledger = self.reader.ledger()
        assert ledger["balanced"], ledger
        for one in ledger["connections"]:
            assert one["accepted"] == len(self.roots) == sum(s["events"] for s in one["states"])

    @invariant()
    def each_event_is_in_one_state_and_what_ended_stays(self) -> None:
        links = self.reader.links()
        counted: dict[tuple[int, str], int] = {}
        for link in links:
            for seq in self.roots:
                state = str(self.reader.outcome(link, seq)["state"])
                shown = (link.id, state if state in FINAL else "pending")
                counted[shown] = counted.get(shown, 0) + 1
                key = (link.id, seq)
                assert self.ended.get(key, state) == state
                if state in FINAL:
                    self.ended[key] = state
                assert (state == "delivered") == (key in self.taken), (state, key)
                assert self.taken.get(key, 1) == 1, "taken twice"
        for link, one in zip(links, self.reader.ledger()["connections"], strict=True):
            states: dict[str, int] = {}
            for s in one["states"]:
                states[s["state"]] = states.get(s["state"], 0) + s["events"]
            assert states == {state: n for (number, state), n in counted.items() if number == link.id}

    @invariant()
    def no_event_is_in_two_open_batches(self) -> None:
        rows = self.reader._db.execute(
            "SELECT b.connection, j.value, count(*) FROM batch b, json_each(b.seqs) j WHERE b.open = 1 "
            "GROUP BY 1, 2 HAVING count(*) > 1"
        ).fetchall()
        assert not rows

    # ---- in the end -----------------------------------------------------------------------------------

    def _drain(self) -> None:
        """The platform takes everything: then nothing stays behind."""
        for batch in self.in_hand.values():
            self._run(claims.give_back, batch, self.now, self.now)
        self.in_hand.clear()
        for _ in range(2_000):
            moved = False
            for link in self.links:
                batch = self._run(claims.claim, link, self.now, 1_000, 64, "v1")
                if batch is not None:
                    moved = True
                    self._run(endings.deliver, batch, batch.seqs, "0", "OK", self.now)
            states = [s["state"] for c in self.reader.ledger()["connections"] for s in c["states"]]
            if not moved and "pending" not in states:
                return
            self.now += 0 if moved else 20
        raise AssertionError(f"something never ended: {self.reader.ledger()}")


TestSales = Sales.TestCase
TestSales.settings = settings(
    max_examples=EXAMPLES,
    stateful_step_count=30,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
