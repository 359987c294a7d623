/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What each dialect of ICE does differently in its checks, as data: one row each. */
#pragma once

#include "ice/model.h"

#include "stun/quirks.h"

G_BEGIN_DECLS

/* Who a check is for and from. */
typedef enum
{
  ICE_NAMES_OF_STREAM,    /* fragments with a colon between: RFC 8445 7.2.2 */
  ICE_NAMES_OF_CANDIDATE, /* names of candidates with nothing between, no passwords */
  ICE_NAMES_CODED         /* Base64 of names and passwords; a colon and the component */
} IceNaming;

typedef struct
{
  StunDialect stun;
  StunIceDialect ice;
  IceNaming naming;
  gboolean has_integrity;
  gboolean echoes_username; /* in a success */
  /* A success has the name and key of a check that goes back. */
  gboolean replies_as_check;
  gboolean has_tcp;            /* ICE-TCP; else UDP alone */
  gboolean has_relays;         /* its TURN is known here */
  gboolean is_bytestream;      /* reliable streams over TCP keep no frames */
  gboolean checks_keep_alive;  /* indications do not */
  gboolean has_own_preference; /* of candidates: that of OC2007R2 */
  guint32 priorities[4];       /* by type of candidate; 0: RFC 8445 5.1.2 */
} IceQuirks;

/* The row of an IceDialect; never NULL. */
const IceQuirks *ice_dialect_get (guint dialect);
const IceQuirks *ice_dialect_of (const IceSession *session);

/* USERNAME of a check to the peer; dest holds ICE_MAX_USERNAME. Returns its length. */
#define ICE_MAX_USERNAME (2 * ICE_MAX_CREDENTIAL + 32)
guint ice_dialect_write_username (const IceComponent *component, guint8 *dest);
/* Whether USERNAME begins with our own name. */
gboolean
ice_dialect_is_for (const IceComponent *component, const guint8 *username, gsize len);

G_END_DECLS
