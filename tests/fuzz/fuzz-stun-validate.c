/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The public agent on whatever comes: validation in every dialect and usage, then every
 * reader and every reply on what it let pass. The first byte chooses dialect and usage.
 */
#include "config.h"

#include "fuzz.h"

#include <glib.h>
#include <string.h>

#include "stun/stunagent.h"
#include "stun/usages/bind.h"
#include "stun/usages/ice.h"
#include "stun/usages/turn.h"

static uint8_t user[] = "user", password[] = "pass";

static void
read_message (StunMessage *msg)
{
  struct sockaddr_storage address, other, third;
  socklen_t len, other_len, third_len;
  char text[200];
  uint32_t a = 0, b = 0;
  uint64_t c;
  int code;

  for (guint type = 0; type < 0x30; type++)
    {
      len = sizeof address;
      stun_message_find_addr (msg, type, &address, &len);
      len = sizeof address;
      stun_message_find_xor_addr (msg, type, &address, &len);
      stun_message_find32 (msg, type, &a);
      stun_message_find64 (msg, type, &c);
      stun_message_find_string (msg, type, text, sizeof text);
      stun_message_find_flag (msg, type);
    }
  stun_message_find_error (msg, &code);
  for (guint i = 0; i <= STUN_USAGE_TURN_COMPATIBILITY_RFC5766; i++)
    {
      len = other_len = third_len = sizeof address;
      stun_usage_turn_process (msg, &address, &len, &other, &other_len, &third,
                               &third_len, &a, &b, i);
      stun_usage_turn_refresh_process (msg, &a, i);
    }
}

static void
reply (StunAgent *agent, StunMessage *msg, StunUsageIceCompatibility dialect, size_t room)
{
  struct sockaddr_in source = { .sin_family = AF_INET, .sin_port = 7 };
  struct sockaddr_storage address;
  socklen_t len = sizeof address;
  uint8_t buffer[600];
  StunMessage answer;
  bool control = true;
  size_t size = room;

  memset (&address, 0, sizeof address);
  stun_usage_ice_conncheck_process (msg, &address, &len, dialect);
  memset (&address, 0, sizeof address);
  memcpy (&address, &source, sizeof source);
  stun_usage_ice_conncheck_create_reply (agent, msg, &answer, buffer, &size, &address,
                                         sizeof source, &control, 1, dialect);
  g_assert_cmpuint (size, <=, room);
  stun_agent_build_unknown_attributes_error (agent, &answer, buffer, room, msg);
  stun_usage_turn_create (agent, &answer, buffer, room, msg, 2, 1, 1, user, 4, password,
                          4, STUN_USAGE_TURN_COMPATIBILITY_RFC5766);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  static const StunAgentUsageFlags usages[] = {
    0,
    STUN_AGENT_USAGE_SHORT_TERM_CREDENTIALS | STUN_AGENT_USAGE_USE_FINGERPRINT,
    STUN_AGENT_USAGE_LONG_TERM_CREDENTIALS,
    STUN_AGENT_USAGE_IGNORE_CREDENTIALS,
    STUN_AGENT_USAGE_NO_ALIGNED_ATTRIBUTES,
    STUN_AGENT_USAGE_FORCE_VALIDATER | STUN_AGENT_USAGE_CONSENT_FRESHNESS
  };
  StunDefaultValidaterData users[] = { { user, 4, password, 4 }, { NULL, 0, NULL, 0 } };
  StunAgent agent;
  StunMessage msg;
  StunValidationStatus status;
  guint choice;

  if (size < 1)
    return 0;
  choice = data[0];
  data++;
  size--;
  stun_agent_init (&agent, STUN_ALL_KNOWN_ATTRIBUTES, choice & 3,
                   usages[(choice >> 2) % G_N_ELEMENTS (usages)]);
  if (size >= STUN_MESSAGE_HEADER_LENGTH)
    { /* a request that this may answer */
      memcpy (agent.sent_ids[0].id, data + STUN_MESSAGE_TRANS_ID_POS, STUN_ID_LEN);
      agent.sent_ids[0].method = STUN_BINDING;
      agent.sent_ids[0].key = password;
      agent.sent_ids[0].key_len = 4;
      agent.sent_ids[0].valid = true;
    }
  stun_message_validate_buffer_length (data, size, choice & 1);
  status =
      stun_agent_validate (&agent, &msg, data, size, stun_agent_default_validater, users);
  if (status == STUN_VALIDATION_NOT_STUN || status == STUN_VALIDATION_INCOMPLETE_STUN)
    return 0;
  read_message (&msg);
  reply (&agent, &msg, choice & 3, choice * 2);
  return 0;
}
