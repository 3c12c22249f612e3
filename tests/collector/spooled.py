"""A store that a made-up plant fills a commit at a time, and a plain reader of its rows for a sender's tests."""

import sqlite3
from contextlib import closing, contextmanager

from saying import Voice

from collector.intake import Intake
from collector.journal import Journal
from contract.spool import SpoolKind

MACHINES = tuple(f"acme/site/area/line/m{number}" for number in range(1, 9))


class Filled:
    """Every :meth:`commit` is a minute of all machines: a part a second, a unit told, a stop."""

    def __init__(self, path):
        self.path, self.minute = path, 0
        self.journal = Journal.open(path, spool=True)
        self.intake = Intake(saved=self.journal.load())
        self._voices = {machine: Voice() for machine in MACHINES}

    def commit(self, minutes=1):
        for _ in range(minutes):
            at = 60 * self.minute
            for number, (path, v) in enumerate(self._voices.items()):
                said = [v.run(at), *(v.made(at + 1 + n, scrap=n % 7 == number % 7) for n in range(8))]
                said += [v.unit(at + 10, unit=f"{number}-{self.minute}"), v.jam(at + 20 + number), v.run(at + 40)]
                self.intake.feed_events(path, [*said, v.beat(at + 60)])
            self.minute += 1
            self.journal.commit(self.intake.drain())

    def sums(self):
        """Machine → (minutes, parts, good, µs in Execute)."""
        sql = """SELECT path, COUNT(*), SUM(total), SUM(good), SUM(execute_us) FROM minutes
                 JOIN machines USING (machine_id) GROUP BY path"""
        return {path: tuple(sums) for path, *sums in self.rows(sql)}

    def units(self):
        return self.rows("SELECT COUNT(*) FROM units")[0][0]

    def rows(self, sql):
        with closing(sqlite3.connect(self.path)) as db:
            return db.execute(sql).fetchall()

    def close(self):
        self.journal.close()


def lines_of(db, entries):
    """Minutes and units as lines; the whole answer is in the bucket itself."""
    lines = []
    for entry in entries:
        if entry.kind is SpoolKind.MACHINE_MINUTE:
            sql = """SELECT total, good, execute_us FROM minutes JOIN machines USING (machine_id)
                     WHERE path = ? AND minute_us = ?"""
            for total, good, execute_us in db.execute(sql, (entry.path, entry.at_us)):
                fields = f"total={total}i,good={good}i,execute_us={execute_us}i"
                lines.append(f"minute,machine={entry.path} {fields} {entry.at_us}".encode())
        elif entry.kind is SpoolKind.UNITS:
            sql = "SELECT path, ended_us, unit FROM units JOIN machines USING (machine_id) WHERE units.rowid > ?"
            for path, at_us, unit in db.execute(f"{sql} AND units.rowid <= ?", (entry.at_us, entry.to_row)):
                lines.append(f'unit,machine={path} unit="{unit}" {at_us}'.encode())
    return {"": lines} if lines else {}


def reader_of(path, change=lambda points: points):
    """What opens a reader in the sender's thread; ``change`` may spoil what it reads."""

    @contextmanager
    def opened():
        with closing(sqlite3.connect(path)) as db:
            yield lambda entries: change(lines_of(db, entries))

    return opened


def arrived(influx, bucket):
    """The same sums as :meth:`Filled.sums`, of what the database has, and how many units."""
    asked = "SELECT COUNT(total), SUM(total), SUM(good), SUM(execute_us) FROM minute GROUP BY machine"
    sums = {tags["machine"]: tuple(values[0][1:]) for _, tags, _, values in influx.query(bucket, asked)}
    counted = influx.query(bucket, "SELECT COUNT(unit) FROM unit")
    return sums, counted[0][3][0][1] if counted else 0
