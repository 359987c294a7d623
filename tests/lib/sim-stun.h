/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* As much STUN as the simulated servers speak (RFC 8489 5, 14), written apart from the
 * library's own codec: a mistake made twice would have to be made by two authors. */
#pragma once

#include "sim-address.h"

G_BEGIN_DECLS

#define SIM_STUN_MAX 2048
#define SIM_STUN_ID 12

typedef enum
{
  SIM_STUN_REQUEST = 0x000,
  SIM_STUN_INDICATION = 0x010,
  SIM_STUN_SUCCESS = 0x100,
  SIM_STUN_ERROR = 0x110
} SimStunClass;

typedef enum
{
  SIM_STUN_BINDING = 0x001,
  SIM_STUN_ALLOCATE = 0x003,
  SIM_STUN_REFRESH = 0x004,
  SIM_STUN_SEND = 0x006,
  SIM_STUN_DATA = 0x007,
  SIM_STUN_CREATE_PERMISSION = 0x008,
  SIM_STUN_CHANNEL_BIND = 0x009
} SimStunMethod;

typedef enum
{
  SIM_STUN_MAPPED_ADDRESS = 0x0001,
  SIM_STUN_CHANGE_REQUEST = 0x0003,
  SIM_STUN_USERNAME = 0x0006,
  SIM_STUN_MESSAGE_INTEGRITY = 0x0008,
  SIM_STUN_ERROR_CODE = 0x0009,
  SIM_STUN_CHANNEL_NUMBER = 0x000c,
  SIM_STUN_LIFETIME = 0x000d,
  SIM_STUN_XOR_PEER_ADDRESS = 0x0012,
  SIM_STUN_DATA_ATTRIBUTE = 0x0013,
  SIM_STUN_REALM = 0x0014,
  SIM_STUN_NONCE = 0x0015,
  SIM_STUN_XOR_RELAYED_ADDRESS = 0x0016,
  SIM_STUN_REQUESTED_FAMILY = 0x0017,
  SIM_STUN_REQUESTED_TRANSPORT = 0x0019,
  SIM_STUN_XOR_MAPPED_ADDRESS = 0x0020,
  SIM_STUN_USE_CANDIDATE = 0x0025,
  SIM_STUN_RESPONSE_PORT = 0x0027,
  SIM_STUN_ALTERNATE_SERVER = 0x8023,
  SIM_STUN_FINGERPRINT = 0x8028,
  SIM_STUN_ICE_CONTROLLED = 0x8029,
  SIM_STUN_ICE_CONTROLLING = 0x802a,
  SIM_STUN_RESPONSE_ORIGIN = 0x802b,
  SIM_STUN_OTHER_ADDRESS = 0x802c
} SimStunAttribute;

/* --- Reading --- */

gboolean sim_stun_is_message (const guint8 *data, gsize size);
SimStunClass sim_stun_get_class (const guint8 *data);
guint sim_stun_get_method (const guint8 *data);
const guint8 *sim_stun_get_id (const guint8 *data); /* SIM_STUN_ID bytes */
/* NULL: absent. Attributes after MESSAGE-INTEGRITY are found too. */
const guint8 *sim_stun_find (const guint8 *data, gsize size, guint attribute, guint *len);
gboolean sim_stun_find_xor_address (const guint8 *data, gsize size, guint attribute,
                                    NiceAddress *address);
gboolean sim_stun_check_integrity (const guint8 *data, gsize size, const guint8 *key,
                                   gsize key_len);

/* --- Writing --- */

typedef struct
{
  guint8 data[SIM_STUN_MAX];
  gsize size;
} SimStunMessage;

void sim_stun_begin (SimStunMessage *self, SimStunClass message_class, guint method,
                     const guint8 *id);
void sim_stun_add (SimStunMessage *self, guint attribute, const guint8 *value, guint len);
void sim_stun_add_uint32 (SimStunMessage *self, guint attribute, guint32 value);
void sim_stun_add_xor_address (SimStunMessage *self, guint attribute,
                               const NiceAddress *address);
void
sim_stun_add_address (SimStunMessage *self, guint attribute, const NiceAddress *address);
void sim_stun_add_error (SimStunMessage *self, guint code, const gchar *reason);
void sim_stun_add_integrity (SimStunMessage *self, const guint8 *key, gsize key_len);

G_END_DECLS
