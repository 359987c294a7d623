#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""An agent that a browser calls, as a program in Python would take its candidates: an
agent that tells none of its own, so that the browser is found by what it tells, or never.

Usage: browser-end.py ADDRESS, which serves browser-page.html at http://ADDRESS:8000/
"""
import os
import queue
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.append(os.path.join(HERE, "..", "lib"))
import pages

SKIPPED = 77
try:
    import gi
    gi.require_version("Nice", "0.1")
    from gi.repository import GLib, Nice
except (ImportError, ValueError) as error:
    print(f"skip: {error}", file=sys.stderr)
    sys.exit(SKIPPED)

ANSWER = """v=0
o=- 1 1 IN IP4 0.0.0.0
s=-
t=0 0
a=group:BUNDLE 0
m=application 9 UDP/DTLS/SCTP webrtc-datachannel
c=IN IP4 0.0.0.0
a=ice-ufrag:{}
a=ice-pwd:{}
a=fingerprint:sha-256 {}
a=setup:active
a=mid:0
a=sctp-port:5000
"""
FINGERPRINT = ":".join(["00"] * 32)  # nobody will speak DTLS


class End:
    def __init__(self):
        self.loop = GLib.MainLoop()
        self.connected = set()
        self.status = 1
        self.agent = Nice.Agent.new_full(
            None, Nice.Compatibility.RFC5245, Nice.AgentOption.ICE_TRICKLE)
        self.agent.props.controlling_mode = False
        self.agent.connect("component-state-changed", self.on_state)
        self.stream = self.agent.add_stream(1)
        self.agent.gather_candidates(self.stream)

    def take(self, message, reply):
        if "sdp" in message:
            assert self.agent.parse_remote_sdp(message["sdp"]) == 0
            _, ufrag, pwd = self.agent.get_local_credentials(self.stream)
            reply.put(ANSWER.format(ufrag, pwd, FINGERPRINT).replace("\n", "\r\n"))
            return
        if message.get("candidate"):
            print(message["candidate"], file=sys.stderr, flush=True)
            self.agent.add_remote_candidate_sdp(self.stream, message["candidate"])
        elif "candidate" in message:
            self.agent.peer_candidate_gathering_done(self.stream)
        elif message["state"] == "connected":
            self.join("browser")
        reply.put("")

    def on_state(self, agent, stream, component, state):
        if state == Nice.ComponentState.READY:
            _, _, remote = agent.dup_selected_pair(stream, component)
            print(f"remote {Nice.candidate_type_to_string(remote.type)}", flush=True)
            self.join("agent")
        elif state == Nice.ComponentState.FAILED:
            self.loop.quit()

    def join(self, who):
        self.connected.add(who)
        if self.connected == {"agent", "browser"}:
            self.status = 0
            self.loop.quit()


def serve(end, address):
    def post(message):
        reply = queue.Queue()
        GLib.idle_add(end.take, message, reply)
        return reply.get()

    pages.serve(os.path.join(HERE, "browser-page.html"), address, post)


def fail(*exception):
    sys.__excepthook__(*exception)
    sys.stderr.flush()
    os._exit(1)


def main():
    sys.excepthook = fail  # from callbacks too, which would otherwise be waited for
    end = End()
    serve(end, sys.argv[1])
    end.loop.run()
    return end.status


if __name__ == "__main__":
    sys.exit(main())
