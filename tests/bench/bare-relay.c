/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Asks a TURN server for an allocation and a channel, once and in order, for what sends
 * through it afterwards without any library. RFC 8656 7, 12; RFC 8489 9.2. */
#include "bare-relay.h"

#include <arpa/inet.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "stun/usages/turn.h"

#define TIMEOUT_MS 2000

static uint8_t user[] = "ann", password[] = "secret";

typedef struct
{
  StunAgent agent;
  StunMessage request, refusal, answer;
  uint8_t request_bytes[1024], refusal_bytes[1024], answer_bytes[1024];
} Client;

static void
check (int holds, const char *what)
{
  if (holds)
    return;
  fprintf (stderr, "bare-relay: %s\n", what);
  exit (1);
}

static void
ask (Client *self, int fd, size_t size, StunMessage *answer, uint8_t *bytes)
{
  struct pollfd readable = { .fd = fd, .events = POLLIN };
  ssize_t n;

  check (size > 0 && send (fd, self->request_bytes, size, 0) == (ssize_t)size, "send");
  n = poll (&readable, 1, TIMEOUT_MS) > 0 ? recv (fd, bytes, 1024, 0) : 0;
  check (n > 0, "no answer");
  stun_agent_validate (&self->agent, answer, bytes, n, NULL, NULL);
}

static size_t
write_allocate (Client *self, StunMessage *refusal)
{
  return stun_usage_turn_create (
      &self->agent, &self->request, self->request_bytes, sizeof self->request_bytes,
      refusal, STUN_USAGE_TURN_REQUEST_PORT_NORMAL, -1, -1, user, sizeof user - 1,
      password, sizeof password - 1, STUN_USAGE_TURN_COMPATIBILITY_RFC5766);
}

static void
append_copy (Client *self, StunAttribute type)
{
  uint16_t len = 0;
  const void *value = stun_message_find (&self->refusal, type, &len);

  check (value != NULL, "no realm or nonce");
  stun_message_append_bytes (&self->request, type, value, len);
}

static size_t
write_channel_bind (Client *self, const struct sockaddr_in *peer)
{
  struct sockaddr_storage address = { 0 };

  memcpy (&address, peer, sizeof *peer);
  stun_agent_init_request (&self->agent, &self->request, self->request_bytes,
                           sizeof self->request_bytes, STUN_CHANNELBIND);
  stun_message_append32 (&self->request, STUN_ATTRIBUTE_CHANNEL_NUMBER,
                         (uint32_t)BARE_RELAY_CHANNEL << 16);
  stun_message_append_xor_addr (&self->request, STUN_ATTRIBUTE_XOR_PEER_ADDRESS, &address,
                                sizeof *peer);
  stun_message_append_bytes (&self->request, STUN_ATTRIBUTE_USERNAME, user,
                             sizeof user - 1);
  append_copy (self, STUN_ATTRIBUTE_REALM);
  append_copy (self, STUN_ATTRIBUTE_NONCE);
  return stun_agent_finish_message (&self->agent, &self->request, password,
                                    sizeof password - 1);
}

static void
ask_and_expect (Client *self, int fd, size_t size, const char *what)
{
  ask (self, fd, size, &self->answer, self->answer_bytes);
  check (stun_message_get_class (&self->answer) == STUN_RESPONSE, what);
}

void
bare_relay_open (int fd, const char *port, const struct sockaddr_in *peer,
                 struct sockaddr_in *server)
{
  static const uint16_t known[] = { 0 };
  Client self;

  *server =
      (struct sockaddr_in) { .sin_family = AF_INET, .sin_port = htons (atoi (port)) };
  server->sin_addr.s_addr = htonl (INADDR_LOOPBACK);
  check (connect (fd, (struct sockaddr *)server, sizeof *server) == 0, "connect");
  stun_agent_init (&self.agent, known, STUN_COMPATIBILITY_RFC5389,
                   STUN_AGENT_USAGE_LONG_TERM_CREDENTIALS);
  ask (&self, fd, write_allocate (&self, NULL), &self.refusal, self.refusal_bytes);
  ask_and_expect (&self, fd, write_allocate (&self, &self.refusal), "allocation refused");
  ask_and_expect (&self, fd, write_channel_bind (&self, peer), "channel refused");
}
