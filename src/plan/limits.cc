// SPDX-License-Identifier: Apache-2.0
// Limits of the whole container: which cgroup it gets, what is written there, and what stands in for it where
// there is none and --limits=best-effort was said.
#include <sys/resource.h>

#include <algorithm>

#include "base/text.h"
#include "plan/steps.h"

namespace kelp::plan {
namespace {

using Words = std::vector<std::string>;

// One limit that was asked for, and the controller that it takes.
struct Item {
  std::string controller;
  Origin origin;
  std::string without;  // what stands in for it without a cgroup; empty: nothing does
  std::vector<CgroupSetting> settings;
};

void add_memory(const Resources& resources, std::vector<Item>& items) {
  if (!resources.memory) return;
  const std::uint64_t memory = resources.memory->value;
  Item item{.controller = "memory",
            .origin = resources.memory->origin,
            .without = "each process has this much address space (RLIMIT_AS), all together may have more"};
  item.settings.push_back(
      {.file = "memory.max", .value = cat(memory), .shows_inside = true, .origin = item.origin});
  // As Podman and Docker have it: as much swap as memory, where nothing else is said.
  const std::optional<Limit>& both = resources.memory_swap;
  const std::uint64_t swap = both ? both->value : kUnlimited;
  CgroupSetting setting{.file = "memory.swap.max",
                        .value = both ? cat(both->value - memory) : cat(memory),
                        .optional = !both || swap == kUnlimited,
                        .shows_inside = true,
                        .origin = both ? both->origin : item.origin};
  if (both && swap == kUnlimited) setting.value = "max";
  item.settings.push_back(std::move(setting));
  items.push_back(std::move(item));
}

std::vector<Item> items_of(const Resources& resources) {
  std::vector<Item> items;
  add_memory(resources, items);
  const auto add = [&](const std::optional<Limit>& limit, std::string controller, CgroupSetting setting,
                       std::string without) {
    if (!limit) return;
    setting.origin = limit->origin;
    items.push_back({.controller = std::move(controller),
                     .origin = limit->origin,
                     .without = std::move(without),
                     .settings = {std::move(setting)}});
  };
  const auto value = [](const std::optional<Limit>& limit) { return limit ? limit->value : 0; };
  add(resources.cpus, "cpu",
      {.file = "cpu.max", .value = cat(value(resources.cpus), " ", kCpuPeriodUs), .shows_inside = true}, "");
  add(resources.cpu_weight, "cpu", {.file = "cpu.weight", .value = cat(value(resources.cpu_weight))}, "");
  add(resources.pids, "pids", {.file = "pids.max", .value = cat(value(resources.pids)), .shows_inside = true},
      "each user of the container has so many processes (RLIMIT_NPROC), all together may have more");
  add(resources.io_weight, "io", {.file = "io.weight", .value = cat("default ", value(resources.io_weight))},
      "");
  return items;
}

std::string using_of_parent(const Resources& resources) {
  return cat("use ", resources.parent_origin.text.empty() ? cat("the parent cgroup ", resources.parent)
                                                          : resources.parent_origin.text);
}

bool has(const Words& words, const std::string& word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

// Somewhere to make the cgroup in, and the controllers that can be had there.
struct Candidate {
  const host::CgroupPlace* place = nullptr;  // null: a scope
  Words controllers;
  bool knows_controllers = true;
};

// Where somebody else's process stands in the way, only what is enabled already.
Candidate candidate_of(const host::CgroupPlace& place) {
  const bool is_blocked = place.holds_others && !place.is_top;
  return {.place = &place, .controllers = is_blocked ? place.enabled : place.controllers};
}

Result<std::vector<Candidate>> named_place(const Resources& resources, const host::CgroupFacts& facts) {
  const std::string action = using_of_parent(resources);
  if (facts.mount.empty()) return Error(action, facts.none_because).with_hint(facts.mend);
  const host::CgroupPlace& place = *facts.parent;
  if (!place.exists) {
    return Error(action, cat("there is no such cgroup below ", facts.mount));
  }
  if (!place.is_writable) return Error(action, cat("you may not write to ", place.directory));
  if (!facts.may_enter_parent) {
    return Error(action, cat("no process can go there from kelp's own cgroup ", facts.own.directory,
                             ": you may not write to what is above both (cgroups(7))"))
        .with_hint("start kelp in a cgroup that is delegated together with that one, or leave the flag out");
  }
  return std::vector{candidate_of(place)};
}

// By whose leave: a cgroup that systemd manages is systemd's, unless it says otherwise.
Result<std::vector<Candidate>> places(const Resources& resources, const host::CgroupFacts& facts) {
  if (resources.parent.starts_with('/')) return named_place(resources, facts);
  const bool has_manager = !facts.manager.bus_address.empty();
  std::vector<Candidate> all;
  const bool may_use_own = facts.own.is_writable && (!has_manager || facts.own.is_delegated);
  if (resources.parent.empty() && may_use_own) all.push_back(candidate_of(facts.own));
  if (has_manager) {
    all.push_back(
        {.controllers = facts.manager.controllers, .knows_controllers = !facts.manager.controllers.empty()});
  }
  return all;
}

Error no_place(const Item* item, const Resources& resources, const host::CgroupFacts& facts) {
  if (item == nullptr || !resources.parent.empty()) {
    return Error(using_of_parent(resources), "no systemd of yours runs that could make a scope in it")
        .with_hint(facts.mend);
  }
  return Error(cat("use ", item->origin.text), facts.none_because)
      .with_hint(cat(facts.mend, "; --limits=best-effort limits each process instead"));
}

Error no_controller(const Item& item, const Candidate& candidate, const host::CgroupFacts& facts) {
  const std::string action = cat("use ", item.origin.text);
  if (candidate.place == nullptr && !facts.manager.is_system) {
    return Error(action, cat("the cgroup controller ", item.controller, " is not delegated to your systemd"))
        .with_hint(
            "sudo mkdir -p /etc/systemd/system/user@.service.d && printf "
            "'[Service]\\nDelegate=cpu cpuset io memory pids\\n' | sudo tee "
            "/etc/systemd/system/user@.service.d/kelp.conf && sudo systemctl daemon-reload, then log in "
            "anew");
  }
  if (candidate.place != nullptr && has(candidate.place->controllers, item.controller)) {
    return Error(action, cat("the controller ", item.controller, " cannot be enabled in ",
                             candidate.place->directory, ": it holds other processes (cgroups(7))"));
  }
  return Error(action, cat("the cgroup controller ", item.controller, " is not there",
                           candidate.place == nullptr ? "" : cat(" in ", candidate.place->directory),
                           facts.has_v1 ? ": it belongs to cgroup v1 on this machine" : ""))
      .with_hint(facts.has_v1 ? facts.mend : "");
}

bool offers(const Candidate& candidate, const Item& item) {
  return !candidate.knows_controllers || has(candidate.controllers, item.controller);
}

// The one that offers the most; the first of equals.
const Candidate* best_of(const std::vector<Candidate>& all, const std::vector<Item>& items) {
  const auto offered = [&](const Candidate& candidate) {
    return std::ranges::count_if(items, [&](const Item& item) { return offers(candidate, item); });
  };
  const auto best = std::ranges::max_element(all, {}, offered);
  return best == all.end() ? nullptr : &*best;
}

ContainerCgroup cgroup_in(const Candidate& candidate, const std::vector<Item>& items,
                          const Resources& resources, const host::CgroupFacts& facts) {
  ContainerCgroup cgroup{.parent = {}, .origin = resources.parent_origin};
  for (const Item& item : items) {
    if (!has(cgroup.controllers, item.controller)) cgroup.controllers.push_back(item.controller);
    cgroup.settings.insert(cgroup.settings.end(), item.settings.begin(), item.settings.end());
  }
  if (cgroup.origin.text.empty() && !items.empty()) cgroup.origin = items.front().origin;
  if (candidate.place == nullptr) {
    cgroup.scope = Scope{.bus_address = facts.manager.bus_address, .slice = resources.parent};
    cgroup.moves_kelp = true;
    return cgroup;
  }
  const host::CgroupPlace& place = *candidate.place;
  cgroup.parent = place.directory;
  const bool enables = std::ranges::any_of(cgroup.controllers,
                                           [&](const std::string& one) { return !has(place.enabled, one); });
  cgroup.moves_kelp = enables && !place.is_top && place.directory == facts.own.directory;
  return cgroup;
}

void note(const Item& item, bool has_cgroup, Plan& plan) {
  PolicyItem noted{.what = item.origin.text, .fence = Fence::kLimits};
  if (!has_cgroup) {
    noted.enforcement = item.without.empty() ? Enforcement::kNot : Enforcement::kPartly;
    noted.why = item.without.empty() ? "there is no cgroup for it" : item.without;
  }
  plan.policy.push_back(std::move(noted));
}

}  // namespace

Status plan_limits(const Spec& spec, const host::Facts& facts, Plan& plan) {
  const Resources& resources = spec.resources;
  if (!resources.wants_cgroup()) return {};
  const host::CgroupFacts cgroups = facts.cgroups.value_or(host::CgroupFacts{});
  std::vector<Item> items = items_of(resources);
  const bool is_best_effort = resources.mode == LimitsMode::kBestEffort;
  Result<std::vector<Candidate>> all = places(resources, cgroups);
  if (!all) return all.error();
  const Candidate* const best = best_of(*all, items);
  if (best == nullptr && (!is_best_effort || !resources.parent.empty())) {
    return no_place(items.empty() ? nullptr : &items.front(), resources, cgroups);
  }
  std::vector<Item> kept;
  for (Item& item : items) {
    if (best != nullptr && offers(*best, item)) {
      note(item, true, plan);
      kept.push_back(std::move(item));
    } else if (is_best_effort) {
      note(item, false, plan);
    } else {
      return no_controller(item, *best, cgroups);
    }
  }
  if (best != nullptr && (!kept.empty() || !resources.parent.empty())) {
    plan.cgroup = cgroup_in(*best, kept, resources, cgroups);
  }
  return {};
}

std::vector<ResourceLimit> limits_of_each_process(const Spec& spec, const Plan& plan) {
  const Resources& resources = spec.resources;
  const auto is_set = [&](std::string_view file) {
    return plan.cgroup && std::ranges::any_of(plan.cgroup->settings, [&](const CgroupSetting& setting) {
             return setting.file == file;
           });
  };
  std::vector<ResourceLimit> limits;
  const auto add = [&](const std::optional<Limit>& limit, std::string_view file, int resource) {
    if (!limit || is_set(file)) return;
    limits.push_back(
        {.resource = resource, .soft = limit->value, .hard = limit->value, .origin = limit->origin});
  };
  add(resources.memory, "memory.max", RLIMIT_AS);
  add(resources.pids, "pids.max", RLIMIT_NPROC);
  return limits;
}

}  // namespace kelp::plan
