/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* OpaqueString: which code points a user name or password may have, and what becomes of
 * them: other spaces turn into U+0020, then NFC. RFC 8265 4.2, RFC 8264 4.3, 8, 9; the
 * contextual rules are those of RFC 5892 appendix A.
 *
 * RFC 8489 B.1 shows a password with U+00AD as "TheMatrIX after OpaqueString". That is
 * what SASLprep made of it (RFC 5769 2.4); OpaqueString forbids U+00AD and keeps U+2168.
 */
#include "config.h"

#include "stun/opaque-string.h"

#define VIRAMA_CLASS 9 /* Canonical_Combining_Class=Virama */

typedef struct
{
  gunichar first, last;
} Range;

/* RFC 8264 9.9 and 9.13: OldHangulJamo, and Default_Ignorable_Code_Point outside Cf and
 * Cn. */
static const Range forbidden[] = {
  { 0x034F, 0x034F }, { 0x1100, 0x11FF }, { 0x17B4, 0x17B5 }, { 0x180B, 0x180F },
  { 0x2028, 0x2029 }, { 0x3164, 0x3164 }, { 0xA960, 0xA97F }, { 0xD7B0, 0xD7FF },
  { 0xFE00, 0xFE0F }, { 0xFFA0, 0xFFA0 }, { 0x302E, 0x302F }, { 0x3031, 0x3035 },
  { 0x303B, 0x303B }, { 0x0640, 0x0640 }, { 0x07FA, 0x07FA }, { 0xE0100, 0xE01EF },
};

static gboolean
in_ranges (gunichar c)
{
  for (gsize i = 0; i < G_N_ELEMENTS (forbidden); i++)
    {
      if (c >= forbidden[i].first && c <= forbidden[i].last)
        return TRUE;
    }
  return FALSE;
}

static gboolean
is_script (gunichar c, GUnicodeScript a, GUnicodeScript b, GUnicodeScript d)
{
  GUnicodeScript script = g_unichar_get_script (c);

  return script == a || script == b || script == d;
}

/* RFC 5892 A.7: KATAKANA MIDDLE DOT needs such a letter anywhere in the string. */
static gboolean
has_japanese (const gunichar *text, glong len)
{
  for (glong i = 0; i < len; i++)
    {
      if (text[i] != 0x30FB
          && is_script (text[i], G_UNICODE_SCRIPT_HIRAGANA, G_UNICODE_SCRIPT_KATAKANA,
                        G_UNICODE_SCRIPT_HAN))
        return TRUE;
    }
  return FALSE;
}

static gboolean
has_between (const gunichar *text, glong len, gunichar first, gunichar last)
{
  for (glong i = 0; i < len; i++)
    {
      if (text[i] >= first && text[i] <= last)
        return TRUE;
    }
  return FALSE;
}

/* What the context of a code point has to be. RFC 5892 A.1 lets ZERO WIDTH NON-JOINER
 * also stand between joining letters; GLib does not know joining types, so only A.1's
 * first half (behind a virama) is granted. */
static gboolean
is_allowed_in_context (const gunichar *text, glong len, glong at)
{
  gunichar before = at > 0 ? text[at - 1] : 0, after = at + 1 < len ? text[at + 1] : 0;

  switch (text[at])
    {
    case 0x200C:
    case 0x200D:
      return g_unichar_combining_class (before) == VIRAMA_CLASS;
    case 0x00B7:
      return before == 'l' && after == 'l';
    case 0x0375:
      return g_unichar_get_script (after) == G_UNICODE_SCRIPT_GREEK;
    case 0x05F3:
    case 0x05F4:
      return g_unichar_get_script (before) == G_UNICODE_SCRIPT_HEBREW;
    case 0x30FB:
      return has_japanese (text, len);
    default:
      break;
    }
  if (text[at] >= 0x0660 && text[at] <= 0x0669)
    return !has_between (text, len, 0x06F0, 0x06F9);
  if (text[at] >= 0x06F0 && text[at] <= 0x06F9)
    return !has_between (text, len, 0x0660, 0x0669);
  return TRUE;
}

/* RFC 8264 8: categories that are DISALLOWED in the FreeformClass. */
static gboolean
is_allowed (const gunichar *text, glong len, glong at)
{
  if (text[at] == 0x200C || text[at] == 0x200D)
    return is_allowed_in_context (text, len, at);
  switch (g_unichar_type (text[at]))
    {
    case G_UNICODE_CONTROL:
    case G_UNICODE_FORMAT:
    case G_UNICODE_UNASSIGNED:
    case G_UNICODE_PRIVATE_USE:
    case G_UNICODE_SURROGATE:
    case G_UNICODE_LINE_SEPARATOR:
    case G_UNICODE_PARAGRAPH_SEPARATOR:
      return FALSE;
    default:
      return !in_ranges (text[at]) && is_allowed_in_context (text, len, at);
    }
}

static gboolean
are_allowed (const gunichar *text, glong len)
{
  for (glong i = 0; i < len; i++)
    {
      if (!is_allowed (text, len, i))
        return FALSE;
    }
  return TRUE;
}

/* Normalization may bring out what is forbidden (U+0387 becomes U+00B7, which needs an l
 * on both sides): the result has to keep the rules as well, so that preparing it again
 * changes nothing (RFC 8265 4.2.3). */
static gboolean
is_result_allowed (const char *text)
{
  glong len;
  g_autofree gunichar *points = g_utf8_to_ucs4_fast (text, -1, &len);

  return are_allowed (points, len);
}

StunRule
stun_opaque_string (StunBytes text, GBytes **prepared)
{
  g_autofree gunichar *points = NULL;
  g_autofree char *mapped = NULL;
  char *normal;
  glong len;

  if (text.len == 0)
    return STUN_RULE_RANGE;
  if (!g_utf8_validate_len ((const char *)text.data, text.len, NULL))
    return STUN_RULE_UTF8;
  points = g_utf8_to_ucs4_fast ((const char *)text.data, text.len, &len);
  if (!are_allowed (points, len))
    return STUN_RULE_RANGE;
  for (glong i = 0; i < len; i++)
    {
      if (g_unichar_type (points[i]) == G_UNICODE_SPACE_SEPARATOR)
        points[i] = ' ';
    }
  mapped = g_ucs4_to_utf8 (points, len, NULL, NULL, NULL);
  normal = g_utf8_normalize (mapped, -1, G_NORMALIZE_NFC);
  if (!is_result_allowed (normal))
    {
      g_free (normal);
      return STUN_RULE_RANGE;
    }
  *prepared = g_bytes_new_take (normal, strlen (normal));
  return STUN_RULE_KEPT;
}

static void
trim_nuls (StunBytes *text)
{
  while (text->len > 0 && text->data[text->len - 1] == '\0')
    text->len--;
}

void
stun_bytes_trim_credential (StunBytes *text)
{
  trim_nuls (text);
  if (text->len < 2 || text->data[0] != '"' || text->data[text->len - 1] != '"')
    return;
  text->data++;
  text->len -= 2;
}

GBytes *
stun_prepare_credential (StunBytes text, gboolean unquote)
{
  GBytes *prepared;

  if (unquote)
    stun_bytes_trim_credential (&text);
  else
    trim_nuls (&text);
  if (stun_opaque_string (text, &prepared) == STUN_RULE_KEPT)
    return prepared;
  return g_bytes_new (text.data, text.len);
}
