"""Checks the commit protocol in every order of steps that two writers can take, with kills.

usage: commit_model.py [--kills N] [RULE...]

A writer reads the log, prepares files under the name of a transaction, and creates the next entry of the
log, which must fail if it exists. The name says up to which version the transaction may be committed:
REACH versions after the one that the writer wanted first. Whoever loses a race goes on to the next version
with the files that it has prepared, if the commits in between
  - consumed none of its inputs,
  - added none of its records and removed nothing, and
  - were commits at all: an empty entry, the fence of a vacuum, is passed by nobody.
Otherwise it drops what it has prepared, and begins again. Recovery drops what was prepared for versions that
are all taken; a vacuum drops what it saw before its fence and what is not committed.

Writers are killed at any step and start again, recovery first; what a killed one has sent last (a log entry)
can arrive at any later moment, or never. In every state:
  - no record is in two commits, and no input is consumed twice;
  - what a commit has prepared is there until it is published.
In the end, after one more run, every record is there.

Rules that are wrong, to show that the model finds their faults:
  pass-records       passes commits that added the same records
  pass-inputs        passes commits that consumed the same inputs
  pass-fences        passes the fence of a vacuum
  drop-at-first      recovery drops what is prepared once the first version that it wanted is taken
"""

import argparse
from collections import namedtuple

REACH = 2
RULES = ["right", "pass-records", "pass-inputs", "pass-fences", "drop-at-first"]
# The records of log files. `x` and `y` hold the same one, `none` holds none that is kept.
HOLDS = {"a": {"r1"}, "x": {"r2"}, "y": {"r2"}, "b": {"r3"}, "none": set()}

# `prepared` are the transactions whose files are there, `published` the commits whose files are published;
# `sent` are log entries of killed writers that may still arrive.
State = namedtuple("State", "log transactions prepared published sent kills vacuums writers vacuum")
# `first` is the version wanted first, `last` the last that may be tried; `rows` are the records that are new.
Transaction = namedtuple("Transaction", "writer inputs rows first last")
Writer = namedtuple("Writer", "step seen transaction version")
START = Writer("recover", 0, None, None)


class Wrong(Exception):
    pass


class Model:
    def __init__(self, rule, inputs, kills):
        self.rule, self.inputs, self.kills = rule, inputs, kills

    def first(self):
        return State((), (), frozenset(), frozenset(), frozenset(), 0, 0, (START, START), None)

    def consumed(self, state, length):
        commits = (state.transactions[entry] for entry in state.log[:length] if entry is not None)
        return [name for commit in commits for name in commit.inputs]

    def rows(self, state, length):
        commits = (state.transactions[entry] for entry in state.log[:length] if entry is not None)
        return [row for commit in commits for row in commit.rows]

    def check(self, state):
        for what in (self.consumed(state, None), self.rows(state, None)):
            if len(what) != len(set(what)):
                raise Wrong(f"{what}: something is there twice")
        for entry in state.log:
            if entry is not None and entry not in state.prepared | state.published:
                raise Wrong(f"transaction {entry} is committed, and its files are gone")

    def settled(self, state, length):
        """Everything is published that is committed up to a version."""
        commits = {entry for entry in state.log[:length] if entry is not None}
        return state._replace(published=state.published | commits, prepared=state.prepared - commits)

    def droppable(self, state, seen):
        """What recovery drops that has seen the log up to a version."""
        committed = set(state.log[:seen])
        for number in state.prepared - committed:
            transaction = state.transactions[number]
            last = transaction.first if self.rule == "drop-at-first" else transaction.last
            if last < seen:
                yield number

    def may_pass(self, state, transaction, entry):
        if entry is None:
            return self.rule == "pass-fences"
        other = state.transactions[entry]
        inputs = set(transaction.inputs) & set(other.inputs) and self.rule != "pass-inputs"
        rows = set(transaction.rows) & set(other.rows) and self.rule != "pass-records"
        return not inputs and not rows

    def steps(self, state, number):
        """Returns what a writer can do next."""
        writer = state.writers[number]

        def go(state, **changes):
            writers = list(state.writers)
            writers[number] = writer._replace(**changes)
            return state._replace(writers=tuple(writers))

        if writer.step == "recover":
            yield go(state, step="drop", seen=len(state.log))
        elif writer.step == "drop":
            # Another one may have gone on since the log was read; one transaction is dropped at a time.
            state = self.settled(state, writer.seen)
            dropped = next(self.droppable(state, writer.seen), None)
            if dropped is None:
                yield go(state, step="prepare", seen=len(state.log))
            else:
                yield go(state._replace(prepared=state.prepared - {dropped}))
        elif writer.step == "prepare":
            state = self.settled(state, writer.seen)
            consumed = self.consumed(state, writer.seen)
            inputs = tuple(name for name in self.inputs[number] if name not in consumed)
            if not inputs:
                yield go(state, step="end")
                return
            held = set().union(*(HOLDS[name] for name in inputs))
            rows = tuple(sorted(held - set(self.rows(state, writer.seen))))
            transaction = Transaction(number, inputs, rows, writer.seen, writer.seen + REACH)
            name = len(state.transactions)
            state = state._replace(
                transactions=state.transactions + (transaction,), prepared=state.prepared | {name}
            )
            yield go(state, step="create", transaction=name, version=writer.seen)
        elif writer.step == "create":
            if len(state.log) == writer.version:
                log = state.log + (writer.transaction,)
                yield go(state._replace(log=log), step="publish")
            else:
                yield go(state, step="lost")
        elif writer.step == "lost":
            transaction = state.transactions[writer.transaction]
            between = state.log[writer.version :]
            is_passed = all(self.may_pass(state, transaction, entry) for entry in between)
            if is_passed and len(state.log) <= transaction.last:
                state = self.settled(state, len(state.log))
                yield go(state, step="create", version=len(state.log))
            else:
                state = state._replace(prepared=state.prepared - {writer.transaction})
                yield go(state, step="prepare", seen=len(state.log), transaction=None, version=None)
        elif writer.step == "publish":
            yield go(self.settled(state, writer.version + 1), step="end", transaction=None)

    def kill(self, state, number):
        writer = state.writers[number]
        sent = {(writer.version, writer.transaction)} if writer.step == "create" else set()
        writers = list(state.writers)
        writers[number] = START
        return state._replace(sent=state.sent | sent, kills=state.kills + 1, writers=tuple(writers))

    def vacuum(self, state):
        """One vacuum: it looks, makes its fence, drops what it saw."""
        if state.vacuum is None:
            if state.vacuums == 0 and state.prepared:
                yield state._replace(vacuums=1, vacuum=("fence", state.prepared))
        elif state.vacuum[0] == "fence":
            state = self.settled(state, len(state.log))
            yield state._replace(log=state.log + (None,), vacuum=("drop", state.vacuum[1]))
        else:
            dropped = state.vacuum[1] - set(state.log)
            yield state._replace(prepared=state.prepared - dropped, vacuum=None)

    def next(self, state):
        for number, writer in enumerate(state.writers):
            yield from self.steps(state, number)
            if state.kills < self.kills and writer.step not in ("recover", "end"):
                yield self.kill(state, number)
        yield from self.vacuum(state)
        for version, transaction in state.sent:
            rest = state._replace(sent=state.sent - {(version, transaction)})
            yield rest._replace(log=rest.log + (transaction,)) if len(rest.log) == version else rest

    def finish(self, state):
        """One more run of each writer, undisturbed."""
        for number in (0, 1):
            writers = list(state.writers)
            writers[number] = START
            state = state._replace(writers=tuple(writers))
            while state.writers[number].step != "end":
                state = next(self.steps(state, number))
                self.check(state)
        wanted = set().union(*(HOLDS[name] for names in self.inputs for name in names))
        if set(self.rows(state, None)) != wanted:
            raise Wrong(f"{sorted(wanted)} should be there at the end, {self.rows(state, None)} are")

    def run(self):
        """Returns how many states there are."""
        first = self.first()
        seen, waiting = {first}, [first]
        while waiting:
            state = waiting.pop()
            for after in self.next(state):
                if after in seen:
                    continue
                seen.add(after)
                self.check(after)
                if all(writer.step == "end" for writer in after.writers) and after.vacuum is None:
                    self.finish(after)
                waiting.append(after)
        return len(seen)


# The inputs of two writers: shards that have nothing in common, a record in common, an input in common.
CASES = {
    "nothing in common": (("a",), ("b",)),
    "a record in common": (("a", "x"), ("y", "b")),
    "an input without records in common": (("a", "none"), ("none", "b")),
}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("rules", nargs="*", metavar="RULE", default=RULES)
    parser.add_argument("--kills", type=int, default=1, help="how often a writer is killed (2 takes minutes)")
    arguments = parser.parse_args()
    for rule in arguments.rules:
        try:
            states = sum(Model(rule, inputs, arguments.kills).run() for inputs in CASES.values())
            verdict = f"holds in {states} states"
            is_right = True
        except Wrong as wrong:
            verdict, is_right = f"does not hold: {wrong}", False
        print(f"{rule}: {verdict}", flush=True)
        assert is_right == (rule == "right"), f"the rule {rule!r} is judged wrongly"


if __name__ == "__main__":
    main()
