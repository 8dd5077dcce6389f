// SPDX-License-Identifier: Apache-2.0
// Capability sets through libcap; see caps.h.
// Runs in: both.
#include "sys/caps.h"

#include <sys/capability.h>
#include <sys/prctl.h>

#include <memory>
#include <type_traits>

#include "base/text.h"
#include "sys/failure.h"

namespace kelp::sys {
namespace {

struct CapDeleter {
  void operator()(cap_t caps) const noexcept { cap_free(caps); }
};
using Caps = std::unique_ptr<std::remove_pointer_t<cap_t>, CapDeleter>;

// Capabilities that this kernel knows; libcap was built with a list that may be shorter or longer.
int capability_count() { return cap_max_bits(); }

bool has(CapabilityMask mask, int capability) {
  return ((mask >> static_cast<unsigned>(capability)) & 1U) != 0;
}

Status fill(cap_t caps, cap_flag_t flag, CapabilityMask mask) {
  for (int capability = 0; capability < capability_count(); ++capability) {
    if (!has(mask, capability)) continue;
    const cap_value_t value = capability;
    if (cap_set_flag(caps, flag, 1, &value, CAP_SET) != 0)
      return failure(cat("name capability ", capability));
  }
  return {};
}

CapabilityMask mask_of(cap_t caps, cap_flag_t flag) {
  CapabilityMask mask = 0;
  for (int capability = 0; capability < capability_count(); ++capability) {
    cap_flag_value_t value = CAP_CLEAR;
    if (cap_get_flag(caps, capability, flag, &value) == 0 && value == CAP_SET) {
      mask |= CapabilityMask{1} << static_cast<unsigned>(capability);
    }
  }
  return mask;
}

}  // namespace

Result<CapabilityMask> effective_capabilities() {
  const Caps caps(cap_get_proc());
  if (caps == nullptr) return failure("read the capabilities of this process");
  return mask_of(caps.get(), CAP_EFFECTIVE);
}

Status limit_bounding_set(CapabilityMask keep) {
  for (int capability = 0; capability < capability_count(); ++capability) {
    if (has(keep, capability)) continue;  // dropping what is not there succeeds: no need to ask
    if (cap_drop_bound(capability) != 0)
      return failure(cat("drop capability ", capability, " from the bounding set"));
  }
  return {};
}

Status set_capabilities(const CapabilitySets& sets) {
  // One call; cap_reset_ambient() asks for every capability first.
  if (::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) != 0) {
    return failure("empty the ambient capability set");
  }
  const Caps caps(cap_init());
  if (caps == nullptr) return failure("set the capabilities");
  if (Status s = fill(caps.get(), CAP_PERMITTED, sets.permitted); !s) return s;
  if (Status s = fill(caps.get(), CAP_EFFECTIVE, sets.effective.value_or(sets.permitted)); !s) return s;
  if (Status s = fill(caps.get(), CAP_INHERITABLE, sets.inheritable); !s) return s;
  if (cap_set_proc(caps.get()) != 0) return failure("set the capabilities");
  if (sets.ambient != 0) {
    // Ambient needs inheritable (EPERM).
    const Result<CapabilitySets> held = held_capabilities();
    if (!held) return held.error();
    if (held->inheritable != sets.inheritable) return only_pretended("set the capabilities");
  }
  for (int capability = 0; capability < capability_count(); ++capability) {
    if (!has(sets.ambient, capability)) continue;
    if (cap_set_ambient(capability, CAP_SET) != 0)
      return failure(cat("make capability ", capability, " ambient"));
  }
  return {};
}

Result<CapabilitySets> held_capabilities() {
  const Caps caps(cap_get_proc());
  if (caps == nullptr) return failure("read the capabilities of this process");
  return CapabilitySets{.permitted = mask_of(caps.get(), CAP_PERMITTED),
                        .inheritable = mask_of(caps.get(), CAP_INHERITABLE)};
}

Status use_permitted_capabilities() {
  const Caps caps(cap_get_proc());
  if (caps == nullptr) return failure("read the capabilities of this process");
  for (int capability = 0; capability < capability_count(); ++capability) {
    const cap_value_t value = capability;
    cap_flag_value_t is_permitted = CAP_CLEAR;
    if (cap_get_flag(caps.get(), value, CAP_PERMITTED, &is_permitted) != 0 ||
        cap_set_flag(caps.get(), CAP_EFFECTIVE, 1, &value, is_permitted) != 0) {
      return failure(cat("raise capability ", capability));
    }
  }
  if (cap_set_proc(caps.get()) != 0) return failure("set the capabilities");
  return {};
}

Status set_securebits(unsigned bits) {
  if (::prctl(PR_SET_SECUREBITS, bits, 0, 0, 0) != 0) return failure("set the securebits");
  return {};
}

Status set_no_new_privs() {
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return failure("set no_new_privs");
  return {};
}

}  // namespace kelp::sys
