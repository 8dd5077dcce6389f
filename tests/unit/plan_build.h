// SPDX-License-Identifier: Apache-2.0
// A Plan in one expression: what `kelp run FLAGS ./root true` becomes on a machine that a test describes.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "cli/run.h"
#include "plan/build.h"
#include "spec/check.h"

namespace kelp::plan {

using Words = std::vector<std::string>;

inline host::HostFile a_directory(std::uint32_t owner = 1000, std::uint64_t inode = 7) {
  return {.kind = host::FileKind::kDirectory, .device = 1, .inode = inode, .owner = owner, .group = owner};
}
inline host::HostFile a_file() { return {.kind = host::FileKind::kOther, .device = 1, .inode = 9}; }
inline host::HostFile an_absence(int error) { return {.kind = host::FileKind::kAbsent, .error = error}; }

// alga, uid 1000, on an ordinary machine: one range, both helpers, a new kernel.
inline host::Facts ordinary_facts() {
  host::Facts facts;
  facts.caller = {.uid = 1000, .gid = 1000};
  facts.ids = host::IdFacts{.own_users = {{0, 0xFFFFFFFF}},
                            .own_groups = {{0, 0xFFFFFFFF}},
                            .user_name = "alga",
                            .user_ranges = {{100000, 65536}},
                            .group_ranges = {{200000, 65536}},
                            .newuidmap = "/usr/bin/newuidmap",
                            .newgidmap = "/usr/bin/newgidmap"};
  facts.files = {{"./root", a_directory()},
                 {"/proc", a_directory(0)},
                 {"/sys/fs/cgroup", a_directory(0)},
                 {"/etc/hosts", a_file()},
                 {"/etc/resolv.conf", a_file()}};
  facts.home = "/home/alga";
  facts.landlock_abi = 7;
  facts.tmpfs_takes_user_xattrs = true;
  facts.self_device = 1;
  facts.self_inode = 42;
  facts.self_mode = 0755;
  return facts;
}

// The machine's own root.
inline host::Facts facts_of_root() {
  host::Facts facts = ordinary_facts();
  facts.caller = {.uid = 0, .gid = 0};
  facts.ids->may_set_ids = true;
  facts.ids->may_set_file_capabilities = true;
  facts.ids->is_first_namespace = true;
  facts.ids->user_name = "root";
  facts.ids->user_ranges.clear();
  facts.ids->group_ranges.clear();
  return facts;
}

inline Result<Plan> try_plan_on(const std::string& root, Words flags, const host::Facts& facts) {
  flags.insert(flags.end(), {root, "true"});
  Result<cli::RunRequest> request =
      cli::read_run(flags, {.environment = {"SHELL=/bin/sh"}, .working_directory = "/home/alga/work"});
  if (!request) return request.error();
  Result<CheckedSpec> checked = check(std::move(request->spec));
  if (!checked) return checked.error();
  return build(*checked, facts);
}
inline Result<Plan> try_plan(Words flags, const host::Facts& facts = ordinary_facts()) {
  return try_plan_on("./root", std::move(flags), facts);
}

inline Plan plan_on(const std::string& root, Words flags, const host::Facts& facts = ordinary_facts()) {
  Result<Plan> plan = try_plan_on(root, std::move(flags), facts);
  EXPECT_TRUE(plan) << (plan ? "" : plan.error().sentence());
  return plan ? std::move(*plan) : Plan{};
}
inline Plan plan_of(Words flags, const host::Facts& facts = ordinary_facts()) {
  return plan_on("./root", std::move(flags), facts);
}

inline std::string refusal_of(Words flags, const host::Facts& facts = ordinary_facts()) {
  const Result<Plan> plan = try_plan(std::move(flags), facts);
  return plan ? "" : plan.error().sentence();
}

// All steps of one kind, in order.
template <typename Kind>
std::vector<Kind> steps_of(const Plan& plan) {
  std::vector<Kind> out;
  for (const Step& step : plan.child) {
    if (const auto* what = std::get_if<Kind>(&step.what)) out.push_back(*what);
  }
  return out;
}

// The only step of a kind.
template <typename Kind>
Kind step_of(const Plan& plan) {
  const std::vector<Kind> all = steps_of<Kind>(plan);
  EXPECT_EQ(all.size(), 1U);
  return all.empty() ? Kind{} : all.front();
}

// Where the first step of a kind stands; -1: nowhere.
template <typename Kind>
int place_of(const Plan& plan) {
  for (std::size_t i = 0; i < plan.child.size(); ++i) {
    if (std::holds_alternative<Kind>(plan.child[i].what)) return static_cast<int>(i);
  }
  return -1;
}

inline std::string source_path(const Plan& plan, SourceIndex index) {
  return step_of<OpenSources>(plan).sources.at(index).path;
}

}  // namespace kelp::plan
