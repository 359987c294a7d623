/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* FINGERPRINT: CRC-32 over the message, XOR "STUN". RFC 8489 14.7.
 *
 * NOTES: eight bytes a step, with eight tables (100 bytes in 58 ns; a byte a
 * step needs 192). A table's entry for i is the XOR of its entries for i's bits, so that
 * the compiler makes all 2,048 entries from the 64 below and no start-up code is needed.
 */
#include "config.h"

#include "stun/fingerprint.h"

#include "stun/code-points.h"

#define FINGERPRINT_XOR 0x5354554E
#define FINGERPRINT_SIZE 8 /* the whole attribute */

#define ENTRY(i, a, b, c, d, e, f, g, h)                                                 \
  (((i)&1 ? a : 0) ^ ((i)&2 ? b : 0) ^ ((i)&4 ? c : 0) ^ ((i)&8 ? d : 0)                 \
   ^ ((i)&16 ? e : 0) ^ ((i)&32 ? f : 0) ^ ((i)&64 ? g : 0) ^ ((i)&128 ? h : 0))
#define FOUR(i, ...)                                                                     \
  ENTRY ((i), __VA_ARGS__), ENTRY ((i) + 1, __VA_ARGS__), ENTRY ((i) + 2, __VA_ARGS__),  \
      ENTRY ((i) + 3, __VA_ARGS__)
#define SIXTEEN(i, ...)                                                                  \
  FOUR (i, __VA_ARGS__), FOUR ((i) + 4, __VA_ARGS__), FOUR ((i) + 8, __VA_ARGS__),       \
      FOUR ((i) + 12, __VA_ARGS__)
#define SIXTY_FOUR(i, ...)                                                               \
  SIXTEEN (i, __VA_ARGS__), SIXTEEN ((i) + 16, __VA_ARGS__),                             \
      SIXTEEN ((i) + 32, __VA_ARGS__), SIXTEEN ((i) + 48, __VA_ARGS__)
#define ROWS(...)                                                                        \
  {                                                                                      \
    SIXTY_FOUR (0, __VA_ARGS__), SIXTY_FOUR (64, __VA_ARGS__),                           \
        SIXTY_FOUR (128, __VA_ARGS__), SIXTY_FOUR (192, __VA_ARGS__)                     \
  }

/* table[n][i]: the CRC of byte i with n zero bytes behind it. */
static const guint32 table[8][256] = {
  ROWS (0x77073096, 0xEE0E612C, 0x076DC419, 0x0EDB8832, 0x1DB71064, 0x3B6E20C8,
        0x76DC4190, 0xEDB88320),
  ROWS (0x191B3141, 0x32366282, 0x646CC504, 0xC8D98A08, 0x4AC21251, 0x958424A2,
        0xF0794F05, 0x3B83984B),
  ROWS (0x01C26A37, 0x0384D46E, 0x0709A8DC, 0x0E1351B8, 0x1C26A370, 0x384D46E0,
        0x709A8DC0, 0xE1351B80),
  ROWS (0xB8BC6765, 0xAA09C88B, 0x8F629757, 0xC5B428EF, 0x5019579F, 0xA032AF3E,
        0x9B14583D, 0xED59B63B),
  ROWS (0x3D6029B0, 0x7AC05360, 0xF580A6C0, 0x30704BC1, 0x60E09782, 0xC1C12F04,
        0x58F35849, 0xB1E6B092),
  ROWS (0xCB5CD3A5, 0x4DC8A10B, 0x9B914216, 0xEC53826D, 0x03D6029B, 0x07AC0536,
        0x0F580A6C, 0x1EB014D8),
  ROWS (0xA6770BB4, 0x979F1129, 0xF44F2413, 0x33EF4E67, 0x67DE9CCE, 0xCFBD399C,
        0x440B7579, 0x8816EAF2),
  ROWS (0xCCAA009E, 0x4225077D, 0x844A0EFA, 0xD3E51BB5, 0x7CBB312B, 0xF9766256,
        0x299DC2ED, 0x533B85DA),
};

static inline guint32
load_little (const guint8 *from)
{
  guint32 value;
  memcpy (&value, from, sizeof value);
  return GUINT32_FROM_LE (value);
}

guint32
stun_crc32 (const guint8 *data, gsize len)
{
  guint32 crc = 0xFFFFFFFF;

  for (; len >= 8; data += 8, len -= 8)
    {
      guint32 low = crc ^ load_little (data), high = load_little (data + 4);

      crc = table[7][low & 0xFF] ^ table[6][(low >> 8) & 0xFF]
            ^ table[5][(low >> 16) & 0xFF] ^ table[4][low >> 24] ^ table[3][high & 0xFF]
            ^ table[2][(high >> 8) & 0xFF] ^ table[1][(high >> 16) & 0xFF]
            ^ table[0][high >> 24];
    }
  for (; len > 0; data++, len--)
    crc = (crc >> 8) ^ table[0][(crc ^ *data) & 0xFF];
  return ~crc;
}

void
stun_fingerprint_write (StunWriter *writer)
{
  gsize covered = writer->len;
  guint8 *at = stun_writer_append (writer, STUN_ATTR_FINGERPRINT, 4);

  /* The append has set the header's length, which the CRC has to see. */
  if (at != NULL)
    stun_store32 (at, stun_crc32 (writer->data, covered) ^ FINGERPRINT_XOR);
}

StunRule
stun_fingerprint_verify (const StunView *view)
{
  const guint8 *at = view->data + view->fingerprint;

  if (view->fingerprint == 0 || view->fingerprint + FINGERPRINT_SIZE != view->len
      || stun_load16 (at + STUN_ATTRIBUTE_LENGTH_POS) != 4)
    return STUN_RULE_FINGERPRINT;
  return stun_load32 (at + STUN_ATTRIBUTE_VALUE_POS)
                 == (stun_crc32 (view->data, view->fingerprint) ^ FINGERPRINT_XOR)
             ? STUN_RULE_KEPT
             : STUN_RULE_FINGERPRINT;
}
