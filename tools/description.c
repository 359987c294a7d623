/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Writes and reads the line that two people paste to each other. The line is the word
 * "icecold1-", eight digits of a checksum, and base64url of the deflated (RFC 1951) text
 *
 *     ufrag
 *     password
 *     candidate:…            (RFC 8839 section 5.1, any number)
 *
 * The checksum is there for the one accident that does happen: half a line was copied. */
#include "config.h"

#include "description.h"

#include "i18n.h"

#include <string.h>

#include <gio/gio.h>

#define WORD "icecold"
#define VERSION "1-"
#define CHECKSUM_LENGTH 8
/* RFC 8445 5.3: at least 24 and 128 bits; RFC 8839 5.4: at most 256 characters. */
#define UFRAG_MIN 4
#define PASSWORD_MIN 22
#define CREDENTIAL_MAX 256

G_DEFINE_QUARK (description - error - quark, description_error)

Description *
description_new (const char *ufrag, const char *password)
{
  Description *self = g_new0 (Description, 1);

  self->ufrag = g_strdup (ufrag);
  self->password = g_strdup (password);
  self->candidates = g_ptr_array_new_with_free_func (g_free);
  return self;
}

void
description_free (Description *self)
{
  g_free (self->ufrag);
  g_free (self->password);
  g_ptr_array_unref (self->candidates);
  g_free (self);
}

void
description_add_candidate (Description *self, const char *line)
{
  g_ptr_array_add (self->candidates, g_strdup (line));
}

static char *
checksum_of (const char *text, gsize length)
{
  char *sum =
      g_compute_checksum_for_data (G_CHECKSUM_SHA256, (const guchar *)text, length);

  sum[CHECKSUM_LENGTH] = '\0';
  return sum;
}

/* NULL when the result would be above the limit, or @data is not what it should be. */
static char *
convert (GConverter *converter, const char *data, gsize length, gsize *converted)
{
  g_autofree char *result = g_malloc (DESCRIPTION_MAX_LINE + 1);
  gsize consumed;

  if (g_converter_convert (converter, data, length, result, DESCRIPTION_MAX_LINE,
                           G_CONVERTER_INPUT_AT_END, &consumed, converted, NULL)
      != G_CONVERTER_FINISHED)
    return NULL;
  result[*converted] = '\0';
  return g_steal_pointer (&result);
}

char *
description_to_line (const Description *self)
{
  g_autoptr (GConverter) deflate =
      G_CONVERTER (g_zlib_compressor_new (G_ZLIB_COMPRESSOR_FORMAT_RAW, 9));
  g_autoptr (GString) text = g_string_new (NULL);
  g_autofree char *sum = NULL;
  g_autofree char *packed = NULL;
  g_autofree char *base64 = NULL;
  gsize length = 0;

  g_string_append_printf (text, "%s\n%s\n", self->ufrag, self->password);
  for (guint i = 0; i < self->candidates->len; i++)
    g_string_append_printf (text, "%s\n",
                            (const char *)g_ptr_array_index (self->candidates, i));
  sum = checksum_of (text->str, text->len);
  packed = convert (deflate, text->str, text->len, &length);
  base64 = g_base64_encode ((const guchar *)packed, length);
  /* RFC 4648 5, without padding: no character that a shell or a chat would touch. */
  g_strdelimit (base64, "+", '-');
  g_strdelimit (base64, "/", '_');
  g_strdelimit (base64, "=", '\0');
  return g_strconcat (WORD VERSION, sum, base64, NULL);
}

static char *
without_space (const char *line)
{
  GString *text = g_string_new (NULL);

  for (; *line != '\0'; line++)
    if (!g_ascii_isspace (*line))
      g_string_append_c (text, *line);
  return g_string_free (text, FALSE);
}

/* The text behind the word, or NULL when the line is not one of ours. */
static const char *
skip_word (const char *packed, GError **error)
{
  const char *rest = packed;

  if (*packed == '\0')
    {
      g_set_error_literal (error, DESCRIPTION_ERROR, DESCRIPTION_ERROR_EMPTY,
                           _ ("Nothing was pasted."));
      return NULL;
    }
  if (!g_str_has_prefix (packed, WORD))
    {
      g_set_error_literal (
          error, DESCRIPTION_ERROR, DESCRIPTION_ERROR_FOREIGN,
          _ ("This is not a line of icecold: it should begin with “icecold1-”. Copy the "
             "whole line that the other side printed."));
      return NULL;
    }
  rest += strlen (WORD);
  if (!g_str_has_prefix (rest, VERSION))
    {
      g_set_error_literal (error, DESCRIPTION_ERROR, DESCRIPTION_ERROR_VERSION,
                           _ ("The other side speaks another version of icecold; both "
                              "sides need the same."));
      return NULL;
    }
  return rest + strlen (VERSION);
}

static char *
decode (const char *encoded, gsize *length)
{
  g_autoptr (GConverter) inflate =
      G_CONVERTER (g_zlib_decompressor_new (G_ZLIB_COMPRESSOR_FORMAT_RAW));
  g_autoptr (GString) base64 = g_string_new (encoded);
  g_autofree guchar *packed = NULL;

  for (char *c = base64->str; *c != '\0'; c++)
    *c = *c == '-' ? '+' : *c == '_' ? '/' : *c;
  while (base64->len % 4 != 0)
    g_string_append_c (base64, '=');
  packed = g_base64_decode (base64->str, length);
  return convert (inflate, (const char *)packed, *length, length);
}

static gboolean
is_credential (const char *text, gsize min)
{
  const gsize length = strlen (text);

  if (length < min || length > CREDENTIAL_MAX)
    return FALSE;
  for (; *text != '\0'; text++)
    if (!g_ascii_isalnum (*text) && *text != '+' && *text != '/')
      return FALSE;
  return TRUE;
}

static Description *
parse_text (const char *text, GError **error)
{
  g_auto (GStrv) rows = g_strsplit (text, "\n", DESCRIPTION_MAX_CANDIDATES + 3);
  const guint n_rows = g_strv_length (rows);
  g_autoptr (Description) self = NULL;

  if (n_rows < 3 || !is_credential (rows[0], UFRAG_MIN)
      || !is_credential (rows[1], PASSWORD_MIN))
    {
      g_set_error_literal (error, DESCRIPTION_ERROR, DESCRIPTION_ERROR_INVALID,
                           _ ("The line holds no credentials."));
      return NULL;
    }
  self = description_new (rows[0], rows[1]);
  for (guint i = 2; i < n_rows; i++)
    if (g_str_has_prefix (rows[i], "candidate:"))
      description_add_candidate (self, rows[i]);
  if (self->candidates->len == 0)
    {
      g_set_error_literal (
          error, DESCRIPTION_ERROR, DESCRIPTION_ERROR_INVALID,
          _ ("The other side has no address to offer: is its network up?"));
      return NULL;
    }
  return g_steal_pointer (&self);
}

/* The text of the line, when it is whole. */
static char *
unpack (const char *rest, GError **error)
{
  g_autofree char *text = NULL;
  g_autofree char *sum = NULL;
  gsize length = 0;

  if (strlen (rest) > CHECKSUM_LENGTH)
    text = decode (rest + CHECKSUM_LENGTH, &length);
  if (text != NULL)
    sum = checksum_of (text, length);
  if (sum == NULL || strncmp (sum, rest, CHECKSUM_LENGTH) != 0 || strlen (text) != length)
    {
      g_set_error_literal (
          error, DESCRIPTION_ERROR, DESCRIPTION_ERROR_DAMAGED,
          _ ("Part of the line is missing or changed. Copy it again, to its very end."));
      return NULL;
    }
  return g_steal_pointer (&text);
}

Description *
description_from_line (const char *line, GError **error)
{
  g_autofree char *packed = NULL;
  g_autofree char *text = NULL;
  const char *rest;

  if (strnlen (line, DESCRIPTION_MAX_LINE + 1) > DESCRIPTION_MAX_LINE)
    {
      g_set_error_literal (error, DESCRIPTION_ERROR, DESCRIPTION_ERROR_FOREIGN,
                           _ ("This is far too long for a line of icecold."));
      return NULL;
    }
  packed = without_space (line);
  rest = skip_word (packed, error);
  if (rest == NULL)
    return NULL;
  text = unpack (rest, error);
  if (text == NULL)
    return NULL;
  return parse_text (text, error);
}
