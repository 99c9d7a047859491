"""Many at once: who drips, who reads slowly, who says nothing, who guesses passwords."""

import base64
import collections
import threading

import certificates
import secrecy
import siege
from harness import until

DRIPPING, READING = 200, 50
PAGES = 8  # More than the buffers on the way hold.
MOST = 512 + 64  # Connections, and those that were sent away and are about to notice.
SILENT = 700
STORM = 100_000
# What a client may take in one go while it tries to be slow.
WINDOW = 2048
HELD = 1 << 20  # Bytes; buffers of the system that grow as they like hold several times that.
USERS = ("scraper", "late")
PASSWORD = "correct horse"
# Of it, at the costs of 10 and 4.
HASHES = {10: "$2y$10$" "abcdefghijklmnopqrstuu23JPZtHcGhwXSF41f93o/7vBdDut3Xu",
          4: "$2y$04$" "abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6e"}
WRONG = "wrong battery"
secrecy.hide(WRONG, "a wrong password")


class Crowd(siege.Siege):
    """Its clients are gone at the end."""

    def __init__(self, name, simulator, kind=None):
        super().__init__(f"crowds: {name}", simulator)
        self.kind = kind

    def come(self, number, **how):
        clients = [self.fortress.connect(**how) for _ in range(number)]
        for client in clients:
            self.addCleanup(client.close)
        return clients

    def check_crowd(self, least):
        """So many have really come."""
        until(lambda: self.fortress.connections() >= least,
              lambda: f"{self.fortress.connections()} connections to become {least}")


class SlowCrowd(Crowd):
    """Some send a byte now and then, others take one now and then; all the threads that they took
    are given back when they have gone."""

    def attempt(self):
        fortress = self.build(kind=self.kind)
        readers, drips = self.come(READING, window=WINDOW), self.come(DRIPPING)
        for reader in readers:
            reader.send(siege.METRICS * PAGES)
        for drip in drips:
            drip.send(b"GET /metrics HTTP/1.1\r\nHost: x\r\nX: ")
        self.check_crowd(READING + DRIPPING)
        answers = self.drip(drips, readers)
        self.assertEqual(collections.Counter(answers), {408: DRIPPING})
        self.assertTrue(all(drip.is_closed() for drip in drips))
        self.check_crowd(READING)
        for client in readers + drips:
            client.close()
        fortress.check_descriptors()
        fortress.scrape_until(
            lambda: fortress.threads() <= fortress.threads_before + siege.SPARE_THREADS,
            lambda: f"{fortress.threads()} threads to become {fortress.threads_before}",
            every=0.5, deadline=150)
        self.show()

    def drip(self, drips, readers):
        """A byte of each, scrape after scrape, until each one has its answer."""
        answers = {}

        def step():
            for client in drips:
                if client not in answers and siege.readable(client):
                    answers[client] = client.answer()[0]
                elif client not in answers:
                    client.send(b"x")
            for client in readers:
                client.socket.recv(1)
            return len(answers) == len(drips)
        self.fortress.scrape_until(step, lambda: f"{len(answers)} answers to be {len(drips)}")
        return answers.values()


class SilentCrowd(Crowd):
    """More than there is room for say nothing, or half of something: the last one to come is served
    all the same, and nobody stays for long."""

    def attempt(self):
        fortress, clients = self.build(kind=self.kind), []
        for number in range(SILENT):
            clients += self.come(1, shake=False)
            if number % 2:
                clients[-1].send(b"GET /metrics HTTP/1.1\r\nHo")
            if number % 20 == 0:
                fortress.scrape()
                self.assertLessEqual(fortress.connections(), MOST)
        self.check_crowd(SILENT // 2)
        open_ones = set(clients)

        def all_gone():
            open_ones.difference_update([one for one in open_ones if siege.readable(one)])
            return not open_ones
        fortress.scrape_until(all_gone, lambda: f"{len(open_ones)} to be closed", every=0.2)
        fortress.check_descriptors()
        self.show()


class Storm(Crowd):
    """So many come and go that nothing can be kept of each, and nobody is turned away meanwhile."""

    def attempt(self):
        fortress, come = self.build(), [0]

        def step():
            for _ in range(1000):
                fortress.connect().abort()
            come[0] += 1000
            return come[0] >= STORM
        fortress.scrape_until(step, "the storm to end", every=0, deadline=150)
        fortress.check_descriptors()
        self.assertLessEqual(fortress.threads(), fortress.threads_before + MOST)
        self.show(f", {come[0]} connections")


class Unmoved(Crowd):
    """Who takes nothing of its reply at all is cut off after a minute."""

    def attempt(self):
        fortress = self.build(kind=self.kind)
        (client,) = self.come(1, window=WINDOW)
        client.send(siege.METRICS * PAGES)
        self.check_crowd(1)
        fortress.scrape_until(lambda: not fortress.connections(), "the connection to be cut",
                              every=0.5, deadline=120)
        client.ends()
        came = len(client.received)
        self.assertGreater(came, 0)
        self.assertLess(came, HELD, "the system held more for who does not take it")
        self.show(f", {came} bytes were on their way")


class Guesses(Crowd):
    """Many guess passwords; who is known comes in at once, who comes for the first time has to try
    again at worst, and nobody gets in by a guess."""

    def __init__(self, simulator, cost, guessers, guesses):
        super().__init__(f"passwords of cost {cost}, {guessers} at a time", simulator)
        self.cost, self.guessers, self.guesses = cost, guessers, guesses
        self.statuses = collections.Counter()
        self.trouble = []

    def attempt(self):
        known, late = (self.credentials(user, PASSWORD) for user in USERS)
        fortress = self.build(
            headers={"Authorization": known},
            web={"basic_auth_users": {user: HASHES[self.cost] for user in USERS}})
        threads = [threading.Thread(target=self.guess, args=(number,), daemon=True)
                   for number in range(self.guessers)]
        for thread in threads:
            thread.start()
        until(lambda: self.statuses[401], "the first guess to be refused")
        fortress.scrape_until(lambda: self.ask(late)[0] == 200, "who is new to be let in", every=0)
        fortress.scrape_until(lambda: not any(thread.is_alive() for thread in threads),
                              lambda: f"the guesses to end: {self.statuses}")
        self.assertEqual(self.trouble, [])
        self.assertEqual(self.statuses.total(), self.guessers * self.guesses)
        self.assertLessEqual(self.statuses.keys(), {401, 503})
        fortress.check_descriptors()
        self.show(f", {dict(self.statuses)}")

    def credentials(self, user, password):
        if password == PASSWORD:
            secrecy.hide_pair(user, password, "a password")
        return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()

    def request(self, authorization):
        return siege.METRICS[:-2] + f"Authorization: {authorization}\r\n\r\n".encode()

    def ask(self, authorization):
        with self.fortress.connect() as client:
            client.send(self.request(authorization))
            return client.answer()

    def guess(self, number):
        try:
            with self.fortress.connect() as client:
                for turn in range(self.guesses):
                    user = USERS[0] if turn % 2 else "nobody"
                    client.send(self.request(self.credentials(user, f"{WRONG} {number} {turn}")))
                    self.statuses[client.answer()[0]] += 1
        except Exception as trouble:  # Shown by attempt().
            self.trouble.append(trouble)


def cases(busy, quick):
    return [SlowCrowd("200 drip, 50 read slowly", busy),
            SlowCrowd("200 drip, 50 read slowly, in TLS", busy, certificates.ELLIPTIC),
            Unmoved("who takes nothing of a reply", busy),
            Unmoved("who takes nothing of a reply, in TLS", busy, certificates.ELLIPTIC),
            Storm("100,000 connections", quick),
            SilentCrowd("700 say nothing", quick),
            SilentCrowd("700 say nothing, for a handshake", quick, certificates.ELLIPTIC),
            Guesses(quick, 10, guessers=40, guesses=10),
            Guesses(quick, 4, guessers=8, guesses=120)]
