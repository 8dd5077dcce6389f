// SPDX-License-Identifier: Apache-2.0
// The list of steps while it is being built: sources are entered once, steps keep their origin.
// Inside plan/ only.
#pragma once

#include "base/result.h"
#include "host/facts.h"
#include "plan/plan.h"
#include "spec/spec.h"

namespace kelp::plan {

class Steps {
 public:
  explicit Steps(const host::Facts& facts) : facts_(facts) {}

  SourceIndex source(std::string path, bool follow = true, bool optional = false);
  // What the inherited descriptor leads to: it is opened by its name again and must be the same.
  Result<SourceIndex> source_of(int fd);
  void add(Action what, const Origin& origin = {}, std::uint32_t parents = 0755,
           std::optional<Ground> ground = std::nullopt) {
    steps_.push_back(
        Step{.what = std::move(what), .origin = origin, .parents = parents, .ground = std::move(ground)});
  }

  const std::vector<Step>& so_far() const { return steps_; }

  // All steps, with the opening of the sources in front.
  std::vector<Step> finish() &&;

 private:
  const host::Facts& facts_;
  std::vector<Source> sources_;
  std::vector<Step> steps_;
};

// The three parts of build(): who one is, what one sees, what is run. Each appends its steps.
Result<IdMaps> plan_ids(const Spec& spec, const host::Facts& facts);
Status plan_root(const Spec& spec, const host::Facts& facts, const IdMaps& ids, Steps& steps, Plan& plan);
Status plan_mounts(const Spec& spec, const host::Facts& facts, const IdMaps& ids, Steps& steps, Plan& plan);
// Where the root itself must hold the command; nothing where a mount may bring it.
std::optional<EarlyLook> early_look(const Spec& spec);
Status plan_command(const Spec& spec, const host::Facts& facts, const IdMaps& ids, Steps& steps, Plan& plan);

// The filters of system calls, ready for the kernel (filters.cc). Nothing is added where there are none.
Status add_filters(const Spec& spec, const IdMaps& ids, FilterTime time, Steps& steps, Plan& plan);
// Refuses filters under which no command can be started, and warns of those under which none can end.
Status check_filters(Plan& plan);
void warn_of_small_limits(Plan& plan);
// Of shared devices that nobody inside may open (device_rights.cc).
void warn_of_closed_devices(const Spec& spec, const host::Facts& facts, const IdMaps& ids, Plan& plan);

bool closes_keys(const Seccomp& seccomp);

// The cgroup that limits the container (limits.cc); the policy tells what it lacks with --limits=best-effort,
// and the limits of each process that stand in for that.
Status plan_limits(const Spec& spec, const host::Facts& facts, Plan& plan);
// The same where others manage it (managed_cgroup.cc).
Status plan_managed_cgroup(const Spec& spec, const host::Facts& facts, Plan& plan);
std::vector<ResourceLimit> limits_of_each_process(const Spec& spec, const Plan& plan);

// What connects the container's network (network.cc), and the address inside at which that forwards queries.
Status plan_network(const Spec& spec, const host::Facts& facts, const IdMaps& ids, Plan& plan);
std::string name_server_inside(const Spec& spec, const host::Facts& facts);

// What the machine's own root in the map changes (real_root.cc).
bool holds_real_root(const IdMaps& ids, const host::Facts& facts);
Masks proc_of_real_root();
Masks sysfs_of_real_root();

// Hooks that the child runs, one a step (plain_mounts.cc).
void add_hooks(const std::vector<Hook>& which, const Hooks& hooks, Steps& steps);

// Whether what is read-only, hidden or masked stays so, and the steps for it (locked_mounts.cc): the first
// before the pivot, the second when no more is mounted.
bool locks_mounts(const Spec& spec, const host::Facts& facts, const IdMaps& ids);
void add_lock(const Spec& spec, const host::Facts& facts, const IdMaps& ids, Steps& steps);
void note_mount_rights(const Spec& spec, const host::Facts& facts, const IdMaps& ids, Plan& plan);

// What is enforced of what the Spec asks for, in front of what was noted on the way (fences.cc).
void note_fences(const Spec& spec, const std::vector<Step>& steps, Plan& plan);

// The child's Landlock domain, by what the steps so far mount, and its items of the policy (landlock.cc).
bool wants_landlock(const Spec& spec);
void plan_landlock(const Spec& spec, const host::Facts& facts, Steps& steps, Plan& plan);

// Whether root is emulated with this map (fake_root.cc), and the file that helps apt then: it lies in a /dev
// of kelp's own, and APT_CONFIG names it; nothing where there is none, or the command has no variables of
// kelp's.
inline constexpr std::string_view kAptVariable = "APT_CONFIG=";
bool emulates_root(const Spec& spec, const IdMaps& ids);
std::optional<WriteFile> apt_settings(const Spec& spec, const IdMaps& ids);

// The process that keeps what is pretended of files (supervisor.cc), and the rights that it holds; none where
// nothing is kept.
Status add_supervisor(const Spec& spec, const IdMaps& ids, Steps& steps, Plan& plan);
CapabilityMask rights_of_supervisor(const Spec& spec);
bool is_only_root(const IdMaps& ids);

// How facts name what an inherited descriptor leads to.
std::string descriptor_path(int fd);
// The link of procfs that a path begins with, where it leads through a descriptor of ours ("/dev/fd/9/x"),
// and what follows it. What such a path opens belongs to our mount namespace, and the child could not bind
// it.
struct DescriptorName {
  std::string link;
  std::string rest;
};
std::optional<DescriptorName> read_descriptor_name(std::string_view path);
// Why what a descriptor leads to cannot be opened anew, in the container's mount namespace, which goes by its
// path alone; empty: it can, or no descriptor is named.
std::string why_without_path(const host::HostFile& link);
std::string why_without_path(const std::string& source, const host::Facts& facts);
// Such names mean another file to each process that looks: there is nothing that could have been replaced.
bool is_each_process_own(std::string_view path);

// The inside id of a host id; nothing where the map does not have it.
std::optional<Id> inside_of(const IdMap& map, Id host);
bool has_inside(const IdMap& map, Id inside);

// Paths of the host's userland that ROOT `host` shows, and those that may be links.
const std::vector<std::string>& userland_paths();
const std::vector<std::string>& userland_links();

}  // namespace kelp::plan
