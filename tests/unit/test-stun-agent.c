/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The public functions as libnice's users know them: order of validation, dialects,
 * limits of buffers, what an answer is signed with. */
#include "config.h"

#include <arpa/inet.h>
#include <glib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "stun/bytes.h"
#include "stun/stunagent.h"
#include "stun/usages/bind.h"
#include "stun/usages/ice.h"
#include "stun/usages/timer.h"
#include "stun/usages/turn.h"

#include "still-clock.h"
#include "stun-vectors.h"

#define ICE_FLAGS                                                                        \
  (STUN_AGENT_USAGE_SHORT_TERM_CREDENTIALS | STUN_AGENT_USAGE_USE_FINGERPRINT)

static uint8_t user[] = "left:right";
static uint8_t password[] = "a password of some length";
static StunDefaultValidaterData users[] = {
  { user, sizeof user - 1, password, sizeof password - 1 }, { NULL, 0, NULL, 0 }
};

typedef struct
{
  StunAgent agent;
  StunMessage msg;
  uint8_t buffer[STUN_MAX_MESSAGE_SIZE_IPV6];
  size_t len;
} End;

static void
init (End *self, StunCompatibility compatibility, StunAgentUsageFlags flags)
{
  stun_agent_init (&self->agent, STUN_ALL_KNOWN_ATTRIBUTES, compatibility, flags);
}

static void
check (End *self, StunUsageIceCompatibility compatibility)
{
  self->len = stun_usage_ice_conncheck_create (
      &self->agent, &self->msg, self->buffer, sizeof self->buffer, user, sizeof user - 1,
      password, sizeof password - 1, true, true, 0x6e0001ff, 0x1122334455667788, "id",
      compatibility);
  g_assert_cmpuint (self->len, >, 0);
}

static StunValidationStatus
receive (End *self, const End *from)
{
  memcpy (self->buffer, from->buffer, from->len);
  self->len = from->len;
  return stun_agent_validate (&self->agent, &self->msg, self->buffer, self->len,
                              stun_agent_default_validater, users);
}

static StunUsageIceReturn
reply (End *self, End *to, bool *control, uint64_t tie, StunUsageIceCompatibility ice)
{
  struct sockaddr_storage source;
  struct sockaddr_in *ip4 = (struct sockaddr_in *)&source;

  memset (&source, 0, sizeof source);
  ip4->sin_family = AF_INET;
  ip4->sin_port = htons (4711);
  ip4->sin_addr.s_addr = htonl (0xC0000201);
  to->len = sizeof to->buffer;
  return stun_usage_ice_conncheck_create_reply (&self->agent, &self->msg, &to->msg,
                                                to->buffer, &to->len, &source,
                                                sizeof *ip4, control, tie, ice);
}

/* contract 1.24-c 1.24-k. In every dialect a check is validated, answered, and the answer
 * is validated. covers STUN-8489-6.3.1.1-a OLD-3489-11.2.8-a OLD-5389-12.1-a */
static void
test_check_and_answer_in_every_dialect (void)
{
  static const struct
  {
    StunCompatibility stun;
    StunUsageIceCompatibility ice;
    StunAgentUsageFlags flags;
  } rows[] = {
    { STUN_COMPATIBILITY_RFC5389, STUN_USAGE_ICE_COMPATIBILITY_RFC5245, 0 },
    { STUN_COMPATIBILITY_RFC3489, STUN_USAGE_ICE_COMPATIBILITY_GOOGLE, 0 },
    { STUN_COMPATIBILITY_RFC3489, STUN_USAGE_ICE_COMPATIBILITY_MSN, 0 },
    { STUN_COMPATIBILITY_MSICE2, STUN_USAGE_ICE_COMPATIBILITY_MSICE2, 0 },
    { STUN_COMPATIBILITY_OC2007, STUN_USAGE_ICE_COMPATIBILITY_MSN,
      STUN_AGENT_USAGE_NO_ALIGNED_ATTRIBUTES },
    { STUN_COMPATIBILITY_MSICE2, STUN_USAGE_ICE_COMPATIBILITY_MSICE2,
      STUN_AGENT_USAGE_NO_ALIGNED_ATTRIBUTES },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      End a, b, c;
      bool control = false;
      struct sockaddr_storage mapped;
      socklen_t len = sizeof mapped;

      /* classic lengths count padding: a name that needs none is the same in all */
      users[0].username_len = sizeof user - 1 - 2;
      init (&a, rows[i].stun, ICE_FLAGS | rows[i].flags);
      init (&b, rows[i].stun, ICE_FLAGS | rows[i].flags);
      a.len = stun_usage_ice_conncheck_create (
          &a.agent, &a.msg, a.buffer, sizeof a.buffer, user, sizeof user - 3, password,
          sizeof password - 1, false, true, 1, 2, NULL, rows[i].ice);
      g_assert_cmpint (receive (&b, &a), ==, STUN_VALIDATION_SUCCESS);
      g_assert_cmpint (reply (&b, &c, &control, 3, rows[i].ice), ==,
                       STUN_USAGE_ICE_RETURN_SUCCESS);
      g_assert_cmpmem (c.buffer + 4, 16, a.buffer + 4, 16);
      g_assert_cmpint (receive (&a, &c), ==, STUN_VALIDATION_SUCCESS);
      g_assert_cmpint (
          stun_usage_ice_conncheck_process (&a.msg, &mapped, &len, rows[i].ice), ==,
          STUN_USAGE_ICE_RETURN_SUCCESS);
      g_assert_cmpint (((struct sockaddr_in *)&mapped)->sin_port, ==, htons (4711));
      g_assert_cmphex (((struct sockaddr_in *)&mapped)->sin_addr.s_addr, ==,
                       htonl (0xC0000201));
      /* and only once */
      g_assert_cmpint (receive (&a, &c), ==, STUN_VALIDATION_UNMATCHED_RESPONSE);
    }
  users[0].username_len = sizeof user - 1;
}

/* covers STUN-8489-9.1.2-a STUN-8489-5-d */
static void
test_order_of_attributes_in_a_check (void)
{
  static const guint16 expected[] = { 0x8022, 0x0025, 0x0024, 0x802A,
                                      0x0006, 0x0008, 0x8028 };
  End a, b;
  size_t at = STUN_MESSAGE_HEADER_LENGTH;

  init (&a, STUN_COMPATIBILITY_RFC5389, ICE_FLAGS);
  stun_agent_set_software (&a.agent, "name");
  check (&a, STUN_USAGE_ICE_COMPATIBILITY_RFC5245);
  for (gsize i = 0; i < G_N_ELEMENTS (expected); i++)
    {
      g_assert_cmphex (stun_load16 (a.buffer + at), ==, expected[i]);
      at += 4 + stun_padded (stun_load16 (a.buffer + at + 2));
    }
  g_assert_cmpuint (at, ==, a.len);
  init (&b, STUN_COMPATIBILITY_RFC5389, ICE_FLAGS);
  check (&b, STUN_USAGE_ICE_COMPATIBILITY_RFC5245);
  g_assert_cmpint (memcmp (a.buffer + 8, b.buffer + 8, 12), !=, 0);
}

/* contract 1.24-b. The first rule broken is the one reported.
 * covers STUN-8489-6.3-a STUN-8489-9.1.3-a */
static void
test_order_of_validation (void)
{
  End a, b, other;

  init (&a, STUN_COMPATIBILITY_RFC5389, ICE_FLAGS);
  init (&b, STUN_COMPATIBILITY_RFC5389, ICE_FLAGS);
  check (&a, STUN_USAGE_ICE_COMPATIBILITY_RFC5245);
  for (size_t len = 1; len < a.len; len++)
    g_assert_cmpint (stun_agent_validate (&b.agent, &b.msg, a.buffer, len, NULL, NULL),
                     ==, STUN_VALIDATION_INCOMPLETE_STUN);
  g_assert_cmpint (stun_agent_validate (&b.agent, &b.msg, a.buffer, 0, NULL, NULL), ==,
                   STUN_VALIDATION_NOT_STUN);
  a.buffer[a.len] = 0;
  g_assert_cmpint (
      stun_agent_validate (&b.agent, &b.msg, a.buffer, a.len + 1, NULL, NULL), ==,
      STUN_VALIDATION_NOT_STUN);
  a.buffer[a.len - 1] ^= 1;
  g_assert_cmpint (receive (&b, &a), ==, STUN_VALIDATION_BAD_REQUEST);
  a.buffer[a.len - 1] ^= 1;
  a.buffer[4] ^= 1;
  g_assert_cmpint (receive (&b, &a), ==, STUN_VALIDATION_BAD_REQUEST);
  a.buffer[4] ^= 1;
  g_assert_cmpint (receive (&b, &a), ==, STUN_VALIDATION_SUCCESS);
  users[0].password_len--;
  g_assert_cmpint (receive (&b, &a), ==, STUN_VALIDATION_UNAUTHORIZED);
  users[0].password_len++;
  init (&other, STUN_COMPATIBILITY_RFC5389, STUN_AGENT_USAGE_USE_FINGERPRINT);
  other.len = stun_usage_bind_create (&other.agent, &other.msg, other.buffer, 100);
  g_assert_cmpint (receive (&b, &other), ==, STUN_VALIDATION_UNAUTHORIZED_BAD_REQUEST);
}

/* contract 1.24-g. covers STUN-8489-6.3.1-a STUN-8489-6.3.2-a STUN-8489-6.3.3-a
 * STUN-8489-6.3.4-a */
static void
test_unknown_attributes (void)
{
  static const StunClass classes[] = { STUN_REQUEST, STUN_INDICATION };
  End a, b, c;

  for (gsize i = 0; i < G_N_ELEMENTS (classes); i++)
    {
      init (&a, STUN_COMPATIBILITY_RFC5389, 0);
      init (&b, STUN_COMPATIBILITY_RFC5389, 0);
      if (classes[i] == STUN_REQUEST)
        stun_agent_init_request (&a.agent, &a.msg, a.buffer, sizeof a.buffer,
                                 STUN_BINDING);
      else
        stun_agent_init_indication (&a.agent, &a.msg, a.buffer, sizeof a.buffer,
                                    STUN_BINDING);
      stun_message_append32 (&a.msg, (StunAttribute)0x7777, 1);
      a.len = stun_agent_finish_message (&a.agent, &a.msg, NULL, 0);
      g_assert_cmpint (receive (&b, &a), ==,
                       classes[i] == STUN_REQUEST
                           ? STUN_VALIDATION_UNKNOWN_REQUEST_ATTRIBUTE
                           : STUN_VALIDATION_UNKNOWN_ATTRIBUTE);
    }
  init (&a, STUN_COMPATIBILITY_RFC5389, 0);
  stun_agent_init_request (&a.agent, &a.msg, a.buffer, sizeof a.buffer, STUN_BINDING);
  stun_message_append32 (&a.msg, (StunAttribute)0x7777, 1);
  a.len = stun_agent_finish_message (&a.agent, &a.msg, NULL, 0);
  receive (&b, &a);
  c.len = stun_agent_build_unknown_attributes_error (&b.agent, &c.msg, c.buffer,
                                                     sizeof c.buffer, &b.msg);
  g_assert_cmpint (receive (&a, &c), ==, STUN_VALIDATION_SUCCESS);
  g_assert_true (stun_message_has_attribute (&a.msg, STUN_ATTRIBUTE_UNKNOWN_ATTRIBUTES));
}

/* contract 1.24-d. Several requests wait at once and are answered in any order; 200 are
 * too many, forgotten ones make room, indications need none. covers STUN-8489-6.2.2-c
 * STUN-8489-6.2.1-e STUN-8489-6.2-a */
static void
test_two_hundred_requests_wait (void)
{
  End a;
  StunTransactionId id;

  init (&a, STUN_COMPATIBILITY_RFC5389, 0);
  for (guint i = 0; i < STUN_AGENT_MAX_SAVED_IDS; i++)
    g_assert_cmpuint (stun_usage_bind_create (&a.agent, &a.msg, a.buffer, 100), ==, 20);
  stun_message_id (&a.msg, id);
  g_assert_cmpuint (stun_usage_bind_create (&a.agent, &a.msg, a.buffer, 100), ==, 0);
  g_assert_cmpuint (stun_usage_bind_keepalive (&a.agent, &a.msg, a.buffer, 100), ==, 20);
  g_assert_true (stun_agent_forget_transaction (&a.agent, id));
  g_assert_false (stun_agent_forget_transaction (&a.agent, id));
  g_assert_cmpuint (stun_usage_bind_create (&a.agent, &a.msg, a.buffer, 100), ==, 20);
}

/* covers OLD-5389-12.2-a ICE-8445-7.3.1.1-a */
static void
test_role_conflicts (void)
{
  for (guint controlling = 0; controlling < 2; controlling++)
    {
      for (uint64_t tie = 1; tie <= 3; tie++)
        {
          End a, b, c;
          bool control = controlling;
          bool wins = tie >= 2;
          StunUsageIceReturn result;

          init (&a, STUN_COMPATIBILITY_RFC5389, ICE_FLAGS);
          init (&b, STUN_COMPATIBILITY_RFC5389, ICE_FLAGS);
          a.len = stun_usage_ice_conncheck_create (
              &a.agent, &a.msg, a.buffer, sizeof a.buffer, user, sizeof user - 1,
              password, sizeof password - 1, false, controlling, 1, 2, NULL,
              STUN_USAGE_ICE_COMPATIBILITY_RFC5245);
          receive (&b, &a);
          result = reply (&b, &c, &control, tie, STUN_USAGE_ICE_COMPATIBILITY_RFC5245);
          g_assert_cmpint (result, ==, STUN_USAGE_ICE_RETURN_ROLE_CONFLICT);
          /* who wins is controlling; a controlled winner switches, a controlling one
           * refuses */
          g_assert_cmpint (control, ==, wins);
          g_assert_cmpint (stun_message_get_class (&c.msg), ==,
                           wins == (controlling != 0) ? STUN_ERROR : STUN_RESPONSE);
          g_assert_true (
              stun_message_has_attribute (&c.msg, STUN_ATTRIBUTE_MESSAGE_INTEGRITY));
        }
    }
}

/* covers STUN-8489-6.3-a */
static void
test_small_buffers_never_abort (void)
{
  for (size_t size = 0; size < 120; size++)
    {
      End a, b, c;
      bool control = false;
      struct sockaddr_storage source = { .ss_family = AF_INET };

      init (&a, STUN_COMPATIBILITY_RFC5389, ICE_FLAGS);
      init (&b, STUN_COMPATIBILITY_RFC5389, ICE_FLAGS);
      check (&a, STUN_USAGE_ICE_COMPATIBILITY_RFC5245);
      receive (&b, &a);
      c.len = size;
      stun_usage_ice_conncheck_create_reply (
          &b.agent, &b.msg, &c.msg, c.buffer, &c.len, &source,
          sizeof (struct sockaddr_in), &control, 1, STUN_USAGE_ICE_COMPATIBILITY_RFC5245);
      g_assert_cmpuint (c.len, <=, size);
      stun_agent_build_unknown_attributes_error (&b.agent, &c.msg, c.buffer, size,
                                                 &b.msg);
      stun_usage_turn_create (&a.agent, &c.msg, c.buffer, size, NULL, 2, 1, 1, user, 4,
                              password, 4, STUN_USAGE_TURN_COMPATIBILITY_RFC5766);
    }
}

/* contract 1.24-m. covers STUN-8489-6.3.3-b OLD-5389-12.1-a */
static void
test_mapped_address_of_old_servers (void)
{
  struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = 7 };
  struct sockaddr_storage mapped;
  socklen_t len = sizeof mapped;
  End a, b, c;

  init (&a, STUN_COMPATIBILITY_RFC5389, 0);
  init (&b, STUN_COMPATIBILITY_RFC5389, 0);
  a.len = stun_usage_bind_create (&a.agent, &a.msg, a.buffer, 100);
  receive (&b, &a);
  stun_agent_init_response (&b.agent, &c.msg, c.buffer, sizeof c.buffer, &b.msg);
  c.len = stun_agent_finish_message (&b.agent, &c.msg, NULL, 0);
  receive (&a, &c);
  g_assert_cmpint (
      stun_usage_bind_process (&a.msg, (struct sockaddr *)&mapped, &len, NULL, NULL), ==,
      STUN_USAGE_BIND_RETURN_ERROR);
  stun_message_append_addr (&c.msg, STUN_ATTRIBUTE_CHANGED_ADDRESS,
                            (struct sockaddr *)&address, sizeof address);
  stun_message_append_addr (&c.msg, STUN_ATTRIBUTE_MAPPED_ADDRESS,
                            (struct sockaddr *)&address, sizeof address);
  g_assert_cmpint (
      stun_usage_bind_process (&c.msg, (struct sockaddr *)&mapped, &len, NULL, NULL), ==,
      STUN_USAGE_BIND_RETURN_SUCCESS);
  g_assert_cmpuint (len, ==, sizeof address);
}

/* contract 1.24-l. covers STUN-8489-9.2.2-a */
static void
test_allocate_answers_a_challenge (void)
{
  End a, b, c;
  static uint8_t name[] = "user", secret[] = "pass";
  StunDefaultValidaterData realm_users[] = { { name, 4, secret, 4 },
                                             { NULL, 0, NULL, 0 } };

  init (&a, STUN_COMPATIBILITY_RFC5389, STUN_AGENT_USAGE_LONG_TERM_CREDENTIALS);
  init (&b, STUN_COMPATIBILITY_RFC5389, STUN_AGENT_USAGE_LONG_TERM_CREDENTIALS);
  a.len = stun_usage_turn_create (&a.agent, &a.msg, a.buffer, sizeof a.buffer, NULL, 0,
                                  -1, 600, name, 4, secret, 4,
                                  STUN_USAGE_TURN_COMPATIBILITY_RFC5766);
  g_assert_false (stun_message_has_attribute (&a.msg, STUN_ATTRIBUTE_USERNAME));
  g_assert_cmpint (receive (&b, &a), ==, STUN_VALIDATION_UNAUTHORIZED_BAD_REQUEST);
  stun_agent_init_error (&b.agent, &c.msg, c.buffer, sizeof c.buffer, &b.msg, 401);
  stun_message_append_string (&c.msg, STUN_ATTRIBUTE_REALM, "realm");
  stun_message_append_string (&c.msg, STUN_ATTRIBUTE_NONCE, "nonce");
  c.len = stun_agent_finish_message (&b.agent, &c.msg, NULL, 0);
  g_assert_cmpint (receive (&a, &c), ==, STUN_VALIDATION_SUCCESS);
  b.len = stun_usage_turn_create (&a.agent, &b.msg, b.buffer, sizeof b.buffer, &a.msg, 0,
                                  -1, 600, name, 4, secret, 4,
                                  STUN_USAGE_TURN_COMPATIBILITY_RFC5766);
  init (&c, STUN_COMPATIBILITY_RFC5389, STUN_AGENT_USAGE_LONG_TERM_CREDENTIALS);
  g_assert_cmpint (stun_agent_validate (&c.agent, &c.msg, b.buffer, b.len,
                                        stun_agent_default_validater, realm_users),
                   ==, STUN_VALIDATION_SUCCESS);
  g_assert_true (c.msg.long_term_valid);
  g_assert_cmpmem (c.msg.long_term_key, 16,
                   "\x84\x93\xfb\xc5\x3b\xa5\x82\xfb\x4c\x04\x4c\x45\x6b\xdc\x40\xeb",
                   16);
}

static gint n_sent;

/* In place of the C library's, for the library too. */
ssize_t
send (int fd, const void *data, size_t len, int flags)
{
  n_sent++;
  return sendto (fd, data, len, flags, NULL, 0);
}

/* contract 1.24-j. Nobody listens there: the ICMP error ends the request, which is not
 * sent again.
 * covers STUN-8489-6.2.1-d */
static void
test_refused_binding_fails_at_once (void)
{
  struct sockaddr_in closed = { .sin_family = AF_INET };
  struct sockaddr_storage mapped;
  socklen_t len = sizeof closed, mapped_len = sizeof mapped;
  int fd = socket (AF_INET, SOCK_DGRAM, 0);

  closed.sin_addr.s_addr = htonl (INADDR_LOOPBACK);
  g_assert_cmpint (bind (fd, (struct sockaddr *)&closed, sizeof closed), ==, 0);
  g_assert_cmpint (getsockname (fd, (struct sockaddr *)&closed, &len), ==, 0);
  /* It hears itself alone, and nobody else can have the port. */
  g_assert_cmpint (connect (fd, (struct sockaddr *)&closed, len), ==, 0);
  n_sent = 0;
  g_assert_cmpint (
      stun_usage_bind_run ((struct sockaddr *)&closed, len, &mapped, &mapped_len), ==,
      STUN_USAGE_BIND_RETURN_ERROR);
  g_assert_cmpint (n_sent, ==, 1);
  close (fd);
}

/* covers STUN-8489-16-a */
static void
test_a_child_draws_other_ids_than_its_parent (void)
{
  End a;
  int fds[2];
  uint8_t theirs[12];
  pid_t child;

  init (&a, STUN_COMPATIBILITY_RFC5389, 0);
  stun_usage_bind_create (&a.agent, &a.msg, a.buffer, 100);
  g_assert_cmpint (pipe (fds), ==, 0);
  child = fork ();
  stun_usage_bind_create (&a.agent, &a.msg, a.buffer, 100);
  if (child == 0)
    _exit (write (fds[1], a.buffer + 8, 12) == 12 ? 0 : 1);
  g_assert_cmpint (read (fds[0], theirs, 12), ==, 12);
  g_assert_cmpint (waitpid (child, NULL, 0), ==, child);
  g_assert_cmpint (memcmp (theirs, a.buffer + 8, 12), !=, 0);
  close (fds[0]);
  close (fds[1]);
}

/* contract 1.24-i. covers STUN-8489-6.2.1-a */
static void
test_timer_doubles_and_halves_the_last_wait (void)
{
  static const guint waits[] = { 500, 1000, 500 };
  StunTimer timer;

  stopped_at = 1000 * G_USEC_PER_SEC;
  stun_timer_start (&timer, STUN_TIMER_DEFAULT_TIMEOUT,
                    STUN_TIMER_DEFAULT_MAX_RETRANSMISSIONS);
  for (gsize i = 0; i < G_N_ELEMENTS (waits); i++)
    {
      g_assert_cmpuint (stun_timer_remainder (&timer), ==, waits[i]);
      stopped_at += (waits[i] - 1) * G_TIME_SPAN_MILLISECOND;
      g_assert_cmpuint (stun_timer_remainder (&timer), ==, 1);
      g_assert_cmpint (stun_timer_refresh (&timer), ==, STUN_USAGE_TIMER_RETURN_SUCCESS);
      stopped_at += G_TIME_SPAN_MILLISECOND;
      g_assert_cmpint (stun_timer_refresh (&timer), ==,
                       i + 1 < G_N_ELEMENTS (waits) ? STUN_USAGE_TIMER_RETURN_RETRANSMIT
                                                    : STUN_USAGE_TIMER_RETURN_TIMEOUT);
    }
  stopped_at = 0;
}

/* contract 1.24-h */
static void
test_lengths_of_scattered_messages (void)
{
  for (size_t cut = 0; cut <= VECTOR_LEN (vector_request); cut++)
    {
      StunInputVector pieces[] = { { vector_request, cut },
                                   { vector_request + cut,
                                     VECTOR_LEN (vector_request) - cut },
                                   { NULL, 0 } };

      g_assert_cmpint (stun_message_validate_buffer_length_fast (
                           pieces, 2, VECTOR_LEN (vector_request), true),
                       ==, VECTOR_LEN (vector_request));
      g_assert_cmpint (stun_message_validate_buffer_length_fast (
                           pieces, -1, VECTOR_LEN (vector_request) - 1, true),
                       ==, STUN_MESSAGE_BUFFER_INCOMPLETE);
    }
  g_assert_cmpint (stun_message_validate_buffer_length (
                       vector_request, VECTOR_LEN (vector_request), true),
                   ==, VECTOR_LEN (vector_request));
  g_assert_cmpint (stun_message_validate_buffer_length ((const uint8_t *)"\x80", 1, true),
                   ==, STUN_MESSAGE_BUFFER_INVALID);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, function) g_test_add_func ("/stun/agent/" name, function)
  ADD ("check-and-answer-in-every-dialect", test_check_and_answer_in_every_dialect);
  ADD ("order-of-attributes-in-a-check", test_order_of_attributes_in_a_check);
  ADD ("order-of-validation", test_order_of_validation);
  ADD ("unknown-attributes", test_unknown_attributes);
  ADD ("two-hundred-requests-wait", test_two_hundred_requests_wait);
  ADD ("role-conflicts", test_role_conflicts);
  ADD ("small-buffers-never-abort", test_small_buffers_never_abort);
  ADD ("mapped-address-of-old-servers", test_mapped_address_of_old_servers);
  ADD ("allocate-answers-a-challenge", test_allocate_answers_a_challenge);
  ADD ("refused-binding-fails-at-once", test_refused_binding_fails_at_once);
  ADD ("a-child-draws-other-ids", test_a_child_draws_other_ids_than_its_parent);
  ADD ("timer-halves-the-last-wait", test_timer_doubles_and_halves_the_last_wait);
  ADD ("lengths-of-scattered-messages", test_lengths_of_scattered_messages);
#undef ADD
  return g_test_run ();
}
