#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Two conferences of Debian's Farstream hear each other through its nice transmitter, on
whichever libnice.so.10 the loader finds: ICE for RTP and RTCP, two components."""
import sys

SKIPPED = 77
try:
    import gi
    gi.require_version("Gst", "1.0")
    gi.require_version("Farstream", "0.2")
    from gi.repository import Farstream, GLib, Gst
except (ImportError, ValueError) as error:
    print(f"skip: {error}", file=sys.stderr)
    sys.exit(SKIPPED)

ENOUGH = 20  # buffers
# Without any, Debian's srtpenc refuses what Farstream asks of it.
KEYS = ("FarstreamSRTP, cipher=(string)aes-128-icm, auth=(string)hmac-sha1-80, key=(buffer)"
        + "5a" * 30)


class Side:
    def __init__(self, name, controlling, on_heard):
        self.heard = 0
        self.pairs = set()
        self.other = None
        self.on_heard = on_heard
        self.early = []
        self.pipeline = Gst.Pipeline.new(name)
        self.conference = Gst.ElementFactory.make("fsrtpconference")
        self.pipeline.add(self.conference)
        self.pipeline.get_bus().add_watch(GLib.PRIORITY_DEFAULT, self.on_message)
        self.session = self.conference.new_session(Farstream.MediaType.AUDIO)
        self.session.set_codec_preferences(
            [Farstream.Codec.new(0, "PCMU", Farstream.MediaType.AUDIO, 8000)])
        self.stream = self.session.new_stream(self.conference.new_participant(),
                                              Farstream.StreamDirection.BOTH)
        self.session.set_encryption_parameters(Gst.Structure.from_string(KEYS)[0])
        self.stream.set_decryption_parameters(Gst.Structure.from_string(KEYS)[0])
        self.stream.set_transmitter_ht("nice", {"controlling-mode": controlling})
        self.stream.connect("src-pad-added", self.on_pad)
        source = Gst.parse_bin_from_description("audiotestsrc is-live=true", True)
        self.pipeline.add(source)
        source.get_static_pad("src").link(self.session.get_property("sink-pad"))

    def on_pad(self, stream, pad, codec):
        sink = Gst.ElementFactory.make("fakesink")
        sink.set_property("async", False)
        sink.set_property("sync", False)
        sink.set_property("signal-handoffs", True)
        sink.connect("handoff", lambda *_: GLib.idle_add(self.hear))
        self.pipeline.add(sink)
        sink.sync_state_with_parent()
        pad.link(sink.get_static_pad("sink"))

    def hear(self):
        self.heard += 1
        self.on_heard()

    def on_message(self, bus, message):
        if message.type == Gst.MessageType.ERROR:
            sys.exit(f"{message.src.name}: {message.parse_error()}")
        structure = message.get_structure()
        name = structure.get_name() if structure else None
        if name == "farstream-error":
            sys.exit(structure.to_string())
        elif name == "farstream-new-local-candidate":
            self.other.learn(structure.get_value("candidate"))
        elif name == "farstream-new-active-candidate-pair":
            self.pairs.add(structure.get_value("local-candidate").component_id)
            self.on_heard()
        elif name == "farstream-codecs-changed":
            self.offer_codecs()
        return True

    def offer_codecs(self):
        codecs = self.session.get_property("codecs")
        if codecs:
            self.other.stream.set_remote_codecs(codecs)

    def learn(self, candidate):
        print(f"{self.pipeline.name} learns {candidate.ip}:{candidate.port} for component "
              f"{candidate.component_id}, type {candidate.type.value_nick}")
        self.stream.add_remote_candidates([candidate])


def main():
    Gst.init(None)
    if Gst.ElementFactory.find("fsrtpconference") is None:
        print("skip: there is no fsrtpconference", file=sys.stderr)
        return SKIPPED
    loop = GLib.MainLoop()
    sides = []

    def end_if_done():
        if all(side.heard >= ENOUGH and side.pairs == {1, 2} for side in sides):
            loop.quit()

    sides += [Side("left", True, end_if_done), Side("right", False, end_if_done)]
    sides[0].other, sides[1].other = sides[1], sides[0]
    for side in sides:
        side.offer_codecs()
        side.pipeline.set_state(Gst.State.PLAYING)
    loop.run()
    for side in sides:
        side.pipeline.set_state(Gst.State.NULL)
        print(f"{side.pipeline.name} heard {side.heard}, pairs {side.pairs}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
