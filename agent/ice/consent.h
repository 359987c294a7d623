/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Consent and keepalives on the selected pair (RFC 7675, RFC 8445 11). */
#pragma once

#include "ice/model.h"

#include "ice/message.h"

G_BEGIN_DECLS

/* A pair was selected. */
void ice_consent_start (IceComponent *component);
void ice_consent_stop (IceComponent *component);
void ice_consent_handle_keepalive (IceComponent *component);
void ice_consent_handle_expiry (IceComponent *component);
void ice_consent_handle_response (IceRequest *request, const StunView *view);
/* From now on the peer's checks are refused (RFC 7675 5.2). */
gboolean ice_consent_revoke (IceComponent *component);

/* Whether the check that made the pair valid still is consent to data (RFC 7675 5.1). */
gboolean ice_consent_covers (const IcePair *valid);
/* For as long as that, the pair carries data; none is selected. */
void ice_consent_lend (IcePair *valid);

/* The selected pair is lost, its consent runs out. */
void ice_consent_pause (IceComponent *component);
/* A check of the selected pair out of turn; its answer renews consent. */
void ice_consent_ask (IceComponent *component);

/* Media left on the selected pair. */
void ice_consent_note_sent (IceComponent *component);

G_END_DECLS
