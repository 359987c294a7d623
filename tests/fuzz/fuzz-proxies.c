/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What HTTP and SOCKS proxies and pseudo-SSL relays may answer; the first byte chooses
 * which, the second the split. */
#include "config.h"

#include "fuzz.h"

#include <string.h>

#include "socket/chain.h"
#include "socket/layer-http.h"
#include "socket/layer-pseudossl.h"
#include "socket/layer-socks5.h"

static void
fill_random (gpointer data, guint8 *dest, gsize len)
{
  memset (dest, 7, len);
}

static NiceLayer *
make_layer (guint8 which)
{
  static const NiceLayerEnv env = { fill_random, NULL };
  NiceHttpConfig http = { .username = "ann", .password = "secret" };
  NiceSocks5Config socks5 = { .username = which & 4 ? "ann" : NULL,
                              .password = "secret" };

  g_assert_true (nice_address_set_from_string (&http.target, "2001:db8::1"));
  socks5.target = http.target;
  switch (which % 3)
    {
    case 0:
      return nice_layer_http_new (&http, &env);
    case 1:
      return nice_layer_socks5_new (&socks5);
    default:
      return nice_layer_pseudossl_new ();
    }
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_auto (NiceChainIo) io = { 0 };
  g_autoptr (NiceChain) chain = nice_chain_new ();
  gsize step;

  if (size < 3)
    return 0;
  step = MAX (data[1], 1);
  nice_chain_add (chain, make_layer (data[0]));
  nice_chain_start (chain, 0, &io);
  for (gsize at = 2; at < size; at += step)
    {
      const gsize len = MIN (step, size - at);
      g_autofree guint8 *copy = g_memdup2 (data + at, len);
      NicePacket piece = { .data = copy, .size = len, .stride = len };

      nice_chain_receive (chain, &piece, 1, 0, &io);
    }
  return 0;
}
