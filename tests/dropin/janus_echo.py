# SPDX-License-Identifier: LGPL-2.1-or-later
"""Signalling to the EchoTest plugin of a Janus server over HTTP: a session and a handle of
it, an offer and candidates out, the answer and candidates in. It knows Janus's messages and
nothing of media."""
import json
import threading
import urllib.request


class JanusEcho:
    """What comes for the caller goes to take(), in a thread of our own."""

    def __init__(self, take, url):
        self.take = take
        self.session = f"{url}/{self.create(url, janus='create')}"
        handle = self.create(self.session, janus="attach", plugin="janus.plugin.echotest")
        self.handle = f"{self.session}/{handle}"
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    def ask(self, url, **message):
        body = json.dumps({"transaction": "", **message}).encode() if message else None
        with urllib.request.urlopen(url, body) as reply:
            return json.load(reply)

    def create(self, url, **message):
        return self.ask(url, **message)["data"]["id"]

    def tell(self, message):
        if "sdp" in message:
            self.ask(self.handle, janus="message", body={}, jsep=message)
        else:
            self.ask(self.handle, janus="trickle",
                     candidate={"sdpMLineIndex": message["line"],
                                "candidate": message["candidate"]})

    def read(self):
        try:
            while self.hear(self.ask(self.session)):
                pass
        finally:
            self.take({"left": True})

    def hear(self, message):
        candidate = message.get("candidate", {})
        if "jsep" in message:
            self.take(message["jsep"])
        elif "candidate" in candidate:
            self.take({"line": candidate["sdpMLineIndex"],
                       "candidate": candidate["candidate"]})
        return message["janus"] not in ("detached", "error", "hangup", "timeout")

    def leave(self):
        """Janus keeps the connection of a question that it has not answered yet, so the last
        one has to be."""
        self.ask(self.handle, janus="detach")
        self.reader.join()
        self.ask(self.session, janus="destroy")
