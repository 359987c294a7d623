/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What addresses this host has on which interfaces, at this moment. */
#pragma once

#include <net/if.h>

#include "socket/address.h"

G_BEGIN_DECLS

typedef struct
{
  gchar name[IF_NAMESIZE];
  guint index;
  gboolean is_up, is_running, is_loopback;
  gboolean is_temporary; /* RFC 8981, and not about to go */
  gboolean is_tentative; /* RFC 4862 5.4: not to be used yet */
  NiceAddress address;   /* port 0; link-local ones with their scope */
} NiceInterfaceAddress;

/* (element-type NiceInterfaceAddress): one entry an address, in the kernel's order. Empty
 * when the kernel cannot be asked, for want of a descriptor. */
GArray *nice_interface_addresses_new (void);

/* What changed between two such answers: (element-type NiceAddress). An address whose
 * interface is down or has no carrier is none, nor is a tentative one. */
void nice_interface_addresses_compare (const GArray *before, const GArray *after,
                                       GArray *gone, GArray *come);

G_END_DECLS
