/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Says why a component failed, or a server could not be used: as an error, as a word that
 * does not change, and as a sentence. Must not know who asks. */
#include "config.h"

#include "reason.h"

#include <glib/gi18n-lib.h>

static const NiceReason reasons[] = {
  [ICE_REASON_NONE] = { G_IO_ERROR_FAILED, "none", N_ ("Connecting failed") },
  [ICE_REASON_NO_LOCAL_CANDIDATES] = { G_IO_ERROR_NETWORK_UNREACHABLE,
                                       "no-local-candidates",
                                       N_ ("No local candidates") },
  [ICE_REASON_NO_REMOTE_CANDIDATES] = { G_IO_ERROR_HOST_UNREACHABLE,
                                        "no-remote-candidates",
                                        N_ ("The peer has no candidates") },
  [ICE_REASON_NO_PAIRS] = { G_IO_ERROR_HOST_UNREACHABLE, "no-pairs",
                            N_ ("No local candidate fits one of the peer") },
  [ICE_REASON_CHECKS_FAILED] = { G_IO_ERROR_HOST_UNREACHABLE, "checks-failed",
                                 N_ ("None of the pairs of candidates works") },
  [ICE_REASON_CONSENT_LOST] = { G_IO_ERROR_TIMED_OUT, "consent-lost",
                                N_ ("The peer no longer answers") },
  [ICE_REASON_CONSENT_REVOKED] = { G_IO_ERROR_PERMISSION_DENIED, "consent-revoked",
                                   N_ ("The peer no longer wants data") },
  [ICE_REASON_BASE_LOST] = { G_IO_ERROR_BROKEN_PIPE, "base-lost",
                             N_ ("The socket of the selected pair ended") },
  [ICE_REASON_ADDRESS_IN_USE] = { G_IO_ERROR_ADDRESS_IN_USE, "address-in-use",
                                  N_ ("No free port") },
  [ICE_REASON_UNREACHABLE] = { G_IO_ERROR_NETWORK_UNREACHABLE, "unreachable",
                               N_ ("The network is unreachable") },
  [ICE_REASON_REFUSED] = { G_IO_ERROR_CONNECTION_REFUSED, "refused",
                           N_ ("The connection was refused") },
  [ICE_REASON_TIMEOUT] = { G_IO_ERROR_TIMED_OUT, "timeout", N_ ("No answer in time") },
  [ICE_REASON_UNAUTHORIZED] = { G_IO_ERROR_PERMISSION_DENIED, "unauthorized",
                                N_ ("The credentials were refused") },
  [ICE_REASON_NAME_NOT_FOUND] = { G_IO_ERROR_HOST_NOT_FOUND, "name-not-found",
                                  N_ ("The name of the server is unknown") },
  [ICE_REASON_CERTIFICATE] = { G_IO_ERROR_CONNECTION_REFUSED, "certificate",
                               N_ ("The certificate of the server is not trusted") },
  [ICE_REASON_PROTOCOL] = { G_IO_ERROR_FAILED, "protocol",
                            N_ ("The peer or a server broke the protocol") },
  [ICE_REASON_NO_RESOURCES] = { G_IO_ERROR_TOO_MANY_OPEN_FILES, "no-resources",
                                N_ ("The system is out of resources") },
  [ICE_REASON_REDIRECTED] = { G_IO_ERROR_NOT_FOUND, "redirected",
                              N_ ("The server sent us elsewhere, without an end") },
  [ICE_REASON_FORBIDDEN] = { G_IO_ERROR_PERMISSION_DENIED, "forbidden",
                             N_ ("The server does not relay there") },
  [ICE_REASON_MISMATCH] = { G_IO_ERROR_ADDRESS_IN_USE, "mismatch",
                            N_ ("The server has our ports in use") },
  [ICE_REASON_FAMILY] = { G_IO_ERROR_NOT_SUPPORTED, "family",
                          N_ ("The server does not relay that family of addresses") },
  [ICE_REASON_TRANSPORT] = { G_IO_ERROR_NOT_SUPPORTED, "transport",
                             N_ ("The server does not relay that transport") },
  [ICE_REASON_QUOTA] = { G_IO_ERROR_NO_SPACE, "quota",
                         N_ ("The user has all the allocations that the server allows") },
  [ICE_REASON_CAPACITY] = { G_IO_ERROR_NO_SPACE, "capacity", N_ ("The server is full") },
};

const NiceReason *
nice_reason_get (IceReason reason)
{
  g_assert ((guint)reason < G_N_ELEMENTS (reasons));
  return &reasons[reason];
}
