/* SPDX-License-Identifier: Apache-2.0 */
/* sofia-sip's headers, included in one way: with our types as its contexts. */
#ifndef PROXY_SIP_H
#define PROXY_SIP_H

#define SU_ROOT_MAGIC_T	     struct proxy
#define SU_WAKEUP_ARG_T	     struct proxy
#define SU_TIMER_ARG_T	     void
#define NTA_AGENT_MAGIC_T    struct proxy
#define NTA_INCOMING_MAGIC_T struct call
#define NTA_OUTGOING_MAGIC_T struct call

struct proxy;
struct call;

#include <sofia-sip/msg_addr.h>
#include <sofia-sip/msg_header.h>
#include <sofia-sip/nta.h>
#include <sofia-sip/nta_stateless.h>
#include <sofia-sip/nta_tport.h>
#include <sofia-sip/sip_header.h>
#include <sofia-sip/sip_parser.h>
#include <sofia-sip/sip_status.h>
#include <sofia-sip/sip_util.h>
#include <sofia-sip/su_wait.h>
#include <sofia-sip/tport.h>
#include <sofia-sip/tport_tag.h>

#endif
