#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""One end of a call by Debian's webrtcbin, on whichever libnice.so.10 the loader finds.

The offering end sends sound, pictures and a text over a data channel; the answering end
sends the text back once it has heard and seen enough, and both leave. Signalling goes over
standard input and output, a JSON object a line, to a web page, or to a Janus server.

Usage: webrtc-end.py offer|answer [--stun=URI] [--turn=URI] [--relay] [--page=ADDRESS]
                     [--janus=URL]
  --relay         nothing but relayed candidates
  --page=ADDRESS  serves webrtc-page.html at http://ADDRESS:8000/, and that answers
  --janus=URL     the Janus server at this address answers, by sending everything back
"""
import argparse
import json
import os
import queue
import sys
import threading

from janus_echo import JanusEcho

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.append(os.path.join(HERE, "..", "lib"))
import pages

SKIPPED = 77
try:
    import gi
    gi.require_version("Gst", "1.0")
    gi.require_version("GstSdp", "1.0")
    gi.require_version("GstWebRTC", "1.0")
    from gi.repository import GLib, Gst, GstSdp, GstWebRTC
except (ImportError, ValueError) as error:
    print(f"skip: {error}", file=sys.stderr)
    sys.exit(SKIPPED)

ENOUGH = 10  # buffers
TEXT = "hello"
# PyGObject makes a class when it is asked for first, and a thread that asks meanwhile gets
# one without methods. These are what the threads of sound and pictures meet in.
SHARED = ("Buffer", "Caps", "ElementFactory", "GhostPad", "Pad", "PadDirection",
          "PadLinkReturn", "Promise", "Structure")
SOURCES = """
  audiotestsrc is-live=true ! opusenc ! rtpopuspay !
    application/x-rtp,media=audio,encoding-name=OPUS,payload=96 ! peer.
  videotestsrc is-live=true ! video/x-raw,width=160,height=120 !
    vp8enc deadline=1 keyframe-max-dist=10 ! rtpvp8pay !
    application/x-rtp,media=video,encoding-name=VP8,payload=97 ! peer.
"""


class Lines:
    """Signalling over standard input and output."""

    def __init__(self, take):
        self.take = take
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        for line in sys.stdin:
            GLib.idle_add(self.take, json.loads(line))
        GLib.idle_add(self.take, {"left": True})

    def tell(self, message):
        print(json.dumps(message), flush=True)


class Page:
    """Signalling to a browser: GET /next waits for a message, POST / brings one."""

    def __init__(self, take, address):
        self.take = take
        self.waiting = queue.Queue()
        pages.serve(os.path.join(HERE, "webrtc-page.html"), address, self.post, self.get)

    def post(self, message):
        GLib.idle_add(self.take, message)
        return ""

    def get(self):
        return json.dumps(self.waiting.get())

    def tell(self, message):
        self.waiting.put(message)


class End:
    def __init__(self, options):
        self.offers = options.role == "offer"
        self.heard = {}
        self.asked = self.status = None
        self.loop = GLib.MainLoop()
        sources = SOURCES if self.offers else ""
        self.pipeline = Gst.Pipeline()
        self.bin = Gst.parse_bin_from_description(
            "webrtcbin name=peer bundle-policy=max-bundle " + sources, False)
        self.pipeline.add(self.bin)
        self.peer = self.bin.get_by_name("peer")
        if options.stun:
            self.peer.set_property("stun-server", options.stun)
        if options.turn:
            self.peer.set_property("turn-server", options.turn)
        if options.relay:
            self.peer.set_property("ice-transport-policy",
                                   GstWebRTC.WebRTCICETransportPolicy.RELAY)
        self.signalling = self.signal(options)
        self.peer.connect("on-ice-candidate", self.on_candidate)
        self.peer.connect("pad-added", self.on_pad)
        self.peer.connect("on-data-channel", self.on_channel)
        if self.offers:
            self.negotiating = False
            self.peer.connect("on-negotiation-needed", self.on_negotiation)
        self.pipeline.get_bus().add_watch(GLib.PRIORITY_DEFAULT, self.on_message)

    def signal(self, options):
        return Page(self.take, options.page) if options.page else Lines(self.take)

    def run(self):
        self.pipeline.set_state(Gst.State.PLAYING)
        self.loop.run()
        self.pipeline.set_state(Gst.State.NULL)
        return self.status

    def leave(self, status):
        self.status = status
        self.loop.quit()

    def say(self, text):
        print(text, file=sys.stderr, flush=True)

    # --- Signalling ---

    def describe(self, promise, name):
        reply = promise.get_reply()  # owns the description
        description = reply.get_value(name)
        self.peer.emit("set-local-description", description, None)
        self.signalling.tell({"type": name, "sdp": description.sdp.as_text()})

    def on_negotiation(self, peer):
        if self.negotiating:
            return
        self.negotiating = True
        self.channel = peer.emit("create-data-channel", "chat", None)
        self.channel.connect("on-open", lambda channel: channel.emit("send-string", TEXT))
        self.channel.connect("on-message-string", self.on_answer)
        peer.emit("create-offer", None,
                  Gst.Promise.new_with_change_func(self.describe, "offer"))

    def on_candidate(self, peer, line, candidate):
        self.signalling.tell({"line": line, "candidate": candidate})

    def take(self, message):
        if "left" in message:
            self.leave(self.status if self.status is not None else 1)
        elif "candidate" in message:
            self.say("remote " + message["candidate"])
            self.peer.emit("add-ice-candidate", message["line"], message["candidate"])
        else:
            kind = (GstWebRTC.WebRTCSDPType.ANSWER if self.offers
                    else GstWebRTC.WebRTCSDPType.OFFER)
            _, sdp = GstSdp.SDPMessage.new_from_text(message["sdp"])
            self.peer.emit("set-remote-description",
                           GstWebRTC.WebRTCSessionDescription.new(kind, sdp), None)
            if not self.offers:
                self.peer.emit("create-answer", None,
                               Gst.Promise.new_with_change_func(self.describe, "answer"))

    # --- What arrives ---

    def on_message(self, bus, message):
        if message.type == Gst.MessageType.ERROR:
            self.say(f"{message.src.name}: {message.parse_error()[0].message}")
            self.leave(1)
        return True

    def on_pad(self, peer, pad):
        if pad.direction != Gst.PadDirection.SRC:
            return
        kind = pad.get_current_caps().get_structure(0).get_string("media")
        sink = Gst.ElementFactory.make("fakesink")
        sink.set_property("async", False)
        sink.set_property("sync", False)
        sink.set_property("signal-handoffs", True)
        sink.connect("handoff", lambda *_: GLib.idle_add(self.count, kind))
        self.bin.add(sink)
        sink.sync_state_with_parent()
        pad.link(sink.get_static_pad("sink"))

    def count(self, kind):
        self.heard[kind] = self.heard.get(kind, 0) + 1
        self.answer()

    def on_channel(self, peer, channel):
        self.channel = channel
        channel.connect("on-message-string",
                        lambda channel, text: GLib.idle_add(self.hear, text))

    def hear(self, text):
        if text == "bye":
            self.leave(0)
        else:
            self.asked = text
            self.answer()

    def has_enough(self):
        return self.asked and all(self.heard.get(kind, 0) >= ENOUGH
                                  for kind in ("audio", "video"))

    def answer(self):
        if self.has_enough():
            self.say(f"heard {self.heard}")
            self.channel.emit("send-string", "echo: " + self.asked)
            self.asked = None

    def on_answer(self, channel, text):
        self.say(f"answer {text}")
        self.status = 0 if text == "echo: " + TEXT else 1
        channel.emit("send-string", "bye")  # the other end leaves, and we with it


class Echoed(End):
    """Offers to Janus's EchoTest, and leaves once it has got back enough of its own."""

    def signal(self, options):
        return JanusEcho(lambda message: GLib.idle_add(self.take, message), options.janus)

    def run(self):
        super().run()
        self.signalling.leave()
        return self.status

    def on_answer(self, channel, text):
        GLib.idle_add(self.hear, text)

    def answer(self):
        if self.has_enough():
            self.say(f"heard {self.heard}, {self.asked}")
            self.leave(0 if self.asked.endswith(": " + TEXT) else 1)
            self.asked = None


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("role", choices=("offer", "answer"))
    parser.add_argument("--stun")
    parser.add_argument("--turn")
    parser.add_argument("--relay", action="store_true")
    parser.add_argument("--page")
    parser.add_argument("--janus")
    options = parser.parse_args()
    Gst.init(None)
    for name in SHARED:
        getattr(Gst, name)
    for name in ("webrtcbin", "nicesrc", "dtlsenc", "sctpenc", "srtpenc", "opusenc",
                 "vp8enc", "rtpvp8pay"):
        if Gst.ElementFactory.find(name) is None:
            print(f"skip: there is no {name}", file=sys.stderr)
            return SKIPPED
    return (Echoed if options.janus else End)(options).run()


if __name__ == "__main__":
    sys.exit(main())
