/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A TURN client in virtual time with a server that says what the test has it say. */
#pragma once

#include <arpa/inet.h>
#include <string.h>

#include "stun/fingerprint.h"
#include "stun/integrity.h"
#include "turn/client.h"

#define BENCH_REALM "example.org"
#define BENCH_SECOND G_GINT64_CONSTANT (1000000)

typedef struct
{
  TurnClient *client;
  TurnEnv env;
  gint64 now;
  guint64 counter;
  guint8 request[2560]; /* taken last */
  gsize request_size;
  StunView view; /* of it */
  guint8 reply[1500];
  StunWriter writer; /* of the reply under way */
  guint8 delivered[2048];
  gsize delivered_size;
  StunAddress peer;
} Bench;

static void
bench_random (gpointer data, guint8 *dest, gsize len)
{
  Bench *self = data;

  for (gsize i = 0; i < len; i++)
    dest[i] = (self->counter >> (8 * (i % 8))) & 0xFF;
  self->counter++;
}

static inline StunAddress
bench_address (const gchar *host, guint16 port)
{
  StunAddress address = { 0 };

  if (strchr (host, ':') != NULL)
    {
      address.s.ip6.sin6_family = AF_INET6;
      address.s.ip6.sin6_port = htons (port);
      g_assert_cmpint (inet_pton (AF_INET6, host, &address.s.ip6.sin6_addr), ==, 1);
    }
  else
    {
      address.s.ip4.sin_family = AF_INET;
      address.s.ip4.sin_port = htons (port);
      g_assert_cmpint (inet_pton (AF_INET, host, &address.s.ip4.sin_addr), ==, 1);
    }
  return address;
}

static inline void
bench_clear (Bench *self)
{
  g_clear_pointer (&self->client, turn_client_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Bench, bench_clear)

static inline void
bench_start (Bench *self, TurnConfig *config)
{
  config->username = "ann";
  config->password = "secret";
  self->env = (TurnEnv) { bench_random, self };
  self->now = BENCH_SECOND;
  self->client = turn_client_new (config, &self->env);
  turn_client_start (self->client, self->now);
}

/* Takes the next message for the server. FALSE: there is none. */
static inline gboolean
bench_poll (Bench *self)
{
  StunBytes output;

  if (!turn_client_poll_output (self->client, &output))
    return FALSE;
  g_assert_cmpuint (output.len, <=, sizeof self->request);
  memcpy (self->request, output.data, output.len);
  self->request_size = output.len;
  return TRUE;
}

static inline void
bench_expect_silence (Bench *self)
{
  g_assert_false (bench_poll (self));
}

static inline void
bench_expect (Bench *self, guint method)
{
  g_assert_true (bench_poll (self));
  g_assert_cmpint (stun_view_parse (&self->view, self->request, self->request_size, 0),
                   ==, STUN_RULE_KEPT);
  g_assert_cmphex (self->view.method, ==, method);
}

static inline void
bench_reply (Bench *self, StunWireClass klass)
{
  stun_writer_init_reply (&self->writer, self->reply, sizeof self->reply, klass,
                          &self->view);
}

static inline TurnInput
bench_receive (Bench *self, guint8 *data, gsize size)
{
  TurnRun run = { .data = data, .size = size, .stride = size };
  TurnDelivery delivery;
  const TurnInput input =
      turn_client_handle_run (self->client, &run, self->now, &delivery);

  if (input == TURN_INPUT_DATA)
    {
      self->delivered_size = delivery.run.size - delivery.run.skip;
      memcpy (self->delivered, delivery.run.data + delivery.run.skip,
              self->delivered_size);
      self->peer = delivery.peer;
    }
  return input;
}

static inline void
bench_finish_unsigned (Bench *self)
{
  bench_receive (self, self->reply, stun_writer_end (&self->writer));
}

static inline void
bench_finish (Bench *self)
{
  guint8 key[STUN_LONG_TERM_KEY_MAX_SIZE];
  StunHmac hmac;
  const gsize len = stun_long_term_key (
      STUN_PASSWORD_ALGORITHM_MD5, stun_bytes_of_string ("ann"),
      stun_bytes_of_string (BENCH_REALM), stun_bytes_of_string ("secret"), key);

  stun_hmac_init (&hmac, STUN_HMAC_SHA1, key, len);
  stun_integrity_write (&self->writer, &hmac);
  bench_finish_unsigned (self);
}

static inline void
bench_challenge (Bench *self, guint code, const gchar *nonce)
{
  bench_reply (self, STUN_CLASS_ERROR);
  stun_attr_write_error (&self->writer, code, NULL);
  stun_attr_write_string (&self->writer, STUN_ATTR_REALM, BENCH_REALM);
  stun_attr_write_string (&self->writer, STUN_ATTR_NONCE, nonce);
  bench_finish_unsigned (self);
}

static inline void
bench_refuse (Bench *self, guint code)
{
  bench_reply (self, STUN_CLASS_ERROR);
  stun_attr_write_error (&self->writer, code, NULL);
  bench_finish (self);
}

static inline void
bench_accept (Bench *self)
{
  bench_reply (self, STUN_CLASS_SUCCESS);
  bench_finish (self);
}

static inline void
bench_expect_event (Bench *self, TurnEventType type, TurnEvent *event)
{
  g_assert_true (turn_client_poll_event (self->client, event));
  g_assert_cmpint (event->type, ==, type);
}

static inline void
bench_expect_failure (Bench *self, TurnFault fault)
{
  TurnEvent event;

  bench_expect_event (self, TURN_EVENT_FAILED, &event);
  g_assert_cmpstr (turn_fault_get_name (event.failed.fault), ==,
                   turn_fault_get_name (fault));
}

/* Answers the authenticated Allocate that was taken. */
static inline void
bench_grant (Bench *self, guint32 lifetime)
{
  const StunAddress relayed = bench_address ("192.0.2.1", 50000);
  const StunAddress mapped = bench_address ("198.51.100.9", 4444);

  bench_reply (self, STUN_CLASS_SUCCESS);
  stun_attr_write_xor_address (&self->writer, STUN_ATTR_XOR_RELAYED_ADDRESS, &relayed);
  stun_attr_write_u32 (&self->writer, STUN_ATTR_LIFETIME, lifetime);
  stun_attr_write_xor_address (&self->writer, STUN_ATTR_XOR_MAPPED_ADDRESS, &mapped);
  bench_finish (self);
}

/* Up to the authenticated Allocate. */
static inline void
bench_authenticate (Bench *self, TurnConfig *config)
{
  bench_start (self, config);
  bench_expect (self, STUN_METHOD_ALLOCATE);
  bench_challenge (self, 401, "n1");
  bench_expect (self, STUN_METHOD_ALLOCATE);
}

static inline void
bench_allocate (Bench *self, guint32 lifetime)
{
  TurnConfig config = { 0 };
  TurnEvent event;

  bench_authenticate (self, &config);
  bench_grant (self, lifetime);
  bench_expect_event (self, TURN_EVENT_ALLOCATED, &event);
  bench_expect_silence (self);
}

/* Lets time pass up to the client's own deadline. */
static inline gint64
bench_wait (Bench *self)
{
  const gint64 waited = turn_client_get_deadline (self->client) - self->now;

  self->now += waited;
  turn_client_handle_timeout (self->client, self->now);
  return waited;
}

/* Lets time pass, with all deadlines on the way; nothing must be sent. */
static inline void
bench_sleep (Bench *self, gint64 us)
{
  const gint64 end = self->now + us;

  while (turn_client_get_deadline (self->client) <= end)
    {
      self->now = turn_client_get_deadline (self->client);
      turn_client_handle_timeout (self->client, self->now);
    }
  self->now = end;
}
