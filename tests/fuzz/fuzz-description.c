/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The line that is pasted into `icecold connect`. What it accepts, it writes and reads
 * again the same. */
#include "config.h"

#include "fuzz.h"

#include "description.h"

#include <string.h>

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autofree char *line = g_strndup ((const char *)data, size);
  g_autoptr (Description) description = description_from_line (line, NULL);
  g_autofree char *again = NULL;
  g_autoptr (Description) copy = NULL;

  if (description == NULL)
    return 0;
  again = description_to_line (description);
  copy = description_from_line (again, NULL);
  g_assert_nonnull (copy);
  g_assert_cmpstr (copy->password, ==, description->password);
  g_assert_cmpuint (copy->candidates->len, ==, description->candidates->len);
  return 0;
}
