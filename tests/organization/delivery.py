"""What CloudTrail delivers on each day of the simulation, and what is odd about that day."""

from organization import DAY

# Log files that are delivered late, of each account and Region.
LATE_SHARE = 0.05
MOVED_DAYS = 10


class Calendar:
    """The days on which something happens repeat every ten days; from the first, two happen only once."""

    def __init__(self, organization, first, late_days):
        self.organization, self.first, self.late_days = organization, first, late_days
        self.random = organization.random

    def day(self, number):
        return self.first + (number - 1) * DAY

    def round(self, number):
        """Returns the log files that are new in a round, how many are late, and what is odd."""
        day, notes, objects, silent = self.day(number), [], {}, None
        if number == 6:
            return {}, 0, ["nothing new"]
        if number % 10 == 3:
            account = self.organization.add_account()
            notes.append("new account")
            if number == 3:
                notes[-1] += " with history"
                for back in range(1, MOVED_DAYS + 1):
                    for region in self.organization.regions:
                        objects |= self.organization.deliver((account, region), day - back * DAY, day)
        if number % 10 == 5:
            self.organization.add_region()
            notes.append("new Region")
        if number % 10 in (2, 7):
            silent = self.random.choice(self.organization.regions)
            notes.append("silent Region")
        late = 0
        for folder in self.organization.folders():
            if folder[1] == silent:
                continue
            objects |= self.organization.deliver(folder, day)
            if self.late_days and self.random.random() < LATE_SHARE:
                named = day - self.random.randint(1, self.late_days) * DAY
                objects |= self.organization.deliver(folder, named, day, has_copy=self.random.random() < 0.3)
                late += 1
        return objects, late, notes

    def too_late(self, last, folder):
        """Returns two log files delivered after the last round: one that is just found, one that is not."""
        limit = self.day(last) - self.late_days * DAY
        delivered = self.day(last + 1)
        return [self.organization.deliver(folder, day, delivered) for day in (limit, limit - DAY)]
