/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What was sent and is not acknowledged yet, one record a segment, in the order of
 * sequence numbers; beside it two lists through the same records: those in flight, the
 * one sent longest ago first, and those taken for lost. */
#pragma once

#include "pseudotcp/rate.h"
#include "pseudotcp/seq.h"

G_BEGIN_DECLS

typedef enum
{
  PTCP_RECORD_DATA,
  PTCP_RECORD_SYN,
  PTCP_RECORD_FIN
} PtcpRecordKind;

typedef enum
{
  PTCP_RECORD_IN_FLIGHT,
  PTCP_RECORD_LOST,
  PTCP_RECORD_DELIVERED /* acknowledged selectively */
} PtcpRecordState;

typedef struct
{
  guint32 seq, len; /* of sequence space */
  guint32 tsval;    /* of the latest transmission */
  guint8 kind, state;
  gboolean retransmitted;
  gint64 sent_at;
  PtcpRateStamp stamp;
  guint64 previous, next; /* neighbours in the list that its state names */
} PtcpRecord;

typedef struct
{
  guint64 first, last;
  gsize bytes;
} PtcpRecordList;

typedef struct
{
  PtcpRecord *records;
  guint64 first; /* serial number of the oldest record */
  guint n_records, capacity;
  PtcpRecordList in_flight, lost;
} PtcpScoreboard;

void ptcp_scoreboard_init (PtcpScoreboard *self);
void ptcp_scoreboard_clear (PtcpScoreboard *self);

/* A new record at the end, in flight. Pointers to records are valid until the next. */
PtcpRecord *ptcp_scoreboard_append (PtcpScoreboard *self, PtcpRecordKind kind,
                                    guint32 seq, guint32 len);
void ptcp_scoreboard_set_state (PtcpScoreboard *self, PtcpRecord *record,
                                PtcpRecordState state);

/* Drops acknowledged records and the acknowledged part of the first. */
void ptcp_scoreboard_pop (PtcpScoreboard *self);
void ptcp_scoreboard_trim (PtcpScoreboard *self, guint32 seq);

/* Cuts records to at most max bytes each, for a path that became narrower. */
void ptcp_scoreboard_split (PtcpScoreboard *self, guint32 max);

/* NULL where there is none. */
PtcpRecord *ptcp_scoreboard_first (PtcpScoreboard *self);
PtcpRecord *ptcp_scoreboard_last (PtcpScoreboard *self);
PtcpRecord *ptcp_scoreboard_after (PtcpScoreboard *self, const PtcpRecord *record);
PtcpRecord *ptcp_scoreboard_find (PtcpScoreboard *self, guint32 seq);
PtcpRecord *ptcp_scoreboard_oldest_in_flight (PtcpScoreboard *self);
PtcpRecord *ptcp_scoreboard_oldest_lost (PtcpScoreboard *self);

void ptcp_scoreboard_lose_all (PtcpScoreboard *self);

G_END_DECLS
