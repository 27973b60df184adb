/* SPDX-License-Identifier: Apache-2.0 */
/* A session, taken over a restart of the process: the peer notices nothing but a few checks that
 * were not answered. */
#include "media/ice/agent.h"

#include <stdio.h>
#include <string.h>

void ice_save(const struct ice *ice, struct ice_saved *out)
{
	memset(out, 0, sizeof(*out));
	snprintf(out->ufrag, sizeof(out->ufrag), "%s", ice->local.ufrag);
	snprintf(out->pwd, sizeof(out->pwd), "%s", ice->local.pwd);
	memcpy(out->peer_ufrag, ice->peer_ufrag, sizeof(out->peer_ufrag));
	memcpy(out->peer_pwd, ice->peer_pwd, sizeof(out->peer_pwd));
	for (unsigned i = 0; i < ice->params.components; i++) {
		const struct component *component = &ice->components[i];

		out->components[i].selected = component->selected;
		out->components[i].n_valid = component->n_valid;
		for (size_t j = 0; j < component->n_valid; j++)
			out->components[i].valid[j] = component->valid[j].address;
	}
}

/* Where we check, consent is asked for at once, by the check that the pair came from. */
static void resume_check(struct ice *ice, struct component *component, uint64_t now)
{
	struct check *check = &component->checks[component->n_checks];

	if (!ice->controlling || component->n_checks == ICE_CANDIDATES_MAX)
		return;
	*check = (struct check){.to = component->selected,
				.priority = UINT32_MAX,
				.state = CHECK_SUCCEEDED,
				.nominating = true};
	component->n_checks++;
	component->consent_due = now;
}

bool ice_resume(struct ice *ice, const struct ice_saved *saved, uint64_t now)
{
	bool restarted;

	if (!ice_restore(ice, saved->ufrag, saved->pwd) ||
	    (saved->peer_ufrag[0] &&
	     !ice_set_remote(ice, saved->peer_ufrag, saved->peer_pwd, &restarted)))
		return false;
	for (unsigned i = 0; i < ice->params.components; i++) {
		struct component *component = &ice->components[i];
		const size_t n = saved->components[i].n_valid;

		for (size_t j = 0; j < n && j < ICE_VALID_MAX; j++)
			ice_make_valid(ice, component, &saved->components[i].valid[j], now);
		if (!saved->components[i].selected.family ||
		    !ice_find_valid(component, &saved->components[i].selected))
			continue;
		ice_select(ice, component, &saved->components[i].selected);
		resume_check(ice, component, now);
	}
	return true;
}
