/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Two agents in one process: right echoes what left sends. */

Nice.Agent make_agent (bool controlling) {
    var agent = new Nice.Agent (null, Nice.Compatibility.RFC5245);
    var address = new Nice.Address ();

    agent.controlling_mode = controlling;
    agent.upnp = false;
    address.set_from_string ("127.0.0.1");
    agent.add_local_address (address);
    agent.add_stream (1);
    return agent;
}

void introduce (Nice.Agent one, Nice.Agent other) {
    string ufrag, pwd;

    one.get_local_credentials (1, out ufrag, out pwd);
    other.set_remote_credentials (1, ufrag, pwd);
    other.set_remote_candidates (1, 1, one.get_local_candidates (1, 1));
}

async void echo_once () throws Error {
    var left = make_agent (true);
    var right = make_agent (false);

    yield left.gather_candidates_async (1, null);
    yield right.gather_candidates_async (1, null);
    right.attach_recv_bytes (1, 1, null, (agent, stream, component, bytes) => {
        agent.send_bytes (stream, component, bytes);
    });
    introduce (left, right);
    introduce (right, left);
    yield left.connect_async (1, 1, null);

    /* A source instead of a function: it resumes us when there is something. */
    var source = left.create_source (1, 1, null);
    source.set_callback (echo_once.callback);
    source.attach (null);
    left.send_bytes (1, 1, new Bytes ("hello".data));
    yield;
    source.destroy ();

    var answer = left.recv_bytes_nonblocking (1, 1, null);
    print ("echo: %.*s\n", (int) answer.get_size (), (string) answer.get_data ());
}

int main () {
    var loop = new MainLoop ();
    var status = 0;

    echo_once.begin ((object, result) => {
        try {
            echo_once.end (result);
        } catch (Error error) {
            printerr ("%s\n", error.message);
            status = 1;
        }
        loop.quit ();
    });
    loop.run ();
    return status;
}
