// SPDX-License-Identifier: Apache-2.0
// What linux says of the kernel around the command: sysctl, timeOffsets, personality, memoryPolicy,
// netDevices, intelRdt (config-linux.md, the sections of these names).
#include <linux/mempolicy.h>
#include <sys/personality.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>
#include <utility>

#include "base/text.h"
#include "oci/numbers.h"
#include "oci/sections.h"

namespace kelp::oci {
namespace {

constexpr std::uint64_t kMostNanoseconds = 999'999'999;  // the kernel takes no more (timens_offsets)

// <linux/mempolicy.h> has these as an enum that grows, and the flags since 5.12.
using Names = std::pair<std::string_view, std::uint32_t>;
constexpr auto kModes = std::to_array<Names>({
    {"MPOL_DEFAULT", 0},
    {"MPOL_PREFERRED", 1},
    {"MPOL_BIND", 2},
    {"MPOL_INTERLEAVE", 3},
    {"MPOL_LOCAL", 4},
    {"MPOL_PREFERRED_MANY", 5},
    {"MPOL_WEIGHTED_INTERLEAVE", 6},
});
constexpr auto kModeFlags = std::to_array<Names>({
    {"MPOL_F_NUMA_BALANCING", 1U << 13U},
    {"MPOL_F_RELATIVE_NODES", 1U << 14U},
    {"MPOL_F_STATIC_NODES", 1U << 15U},
});

template <std::size_t N>
std::optional<std::uint32_t> find(const std::array<Names, N>& table, std::string_view name) {
  for (const auto& [known, number] : table) {
    if (known == name) return number;
  }
  return std::nullopt;
}

void read_offsets(const Section& linux, Draft& draft) {
  const Section section = linux.object("timeOffsets");
  if (!section) return;
  TimeOffsets offsets;
  linux.each_object("timeOffsets", [&](const std::string& clock, const Section& one) {
    const std::int64_t seconds = one.integer("secs", INT64_MIN, INT64_MAX).value_or(0);
    const auto nanoseconds = static_cast<std::uint32_t>(one.number("nanosecs", kMostNanoseconds).value_or(0));
    if (clock == "monotonic") {
      offsets.monotonic_s = seconds;
      offsets.monotonic_ns = nanoseconds;
    } else if (clock == "boottime") {
      offsets.boottime_s = seconds;
      offsets.boottime_ns = nanoseconds;
    } else {
      one.refuse("the clocks that can be shifted are monotonic and boottime");
    }
  });
  draft.config.spec.time_offsets = offsets;
  draft.config.spec.origins.clocks = {section.path()};
}

void read_personality(const Section& linux, Draft& draft) {
  const Section section = linux.object("personality");
  if (!section) return;
  const std::string domain = section.needed_text("domain");
  Scheduling& into = draft.config.spec.command.scheduling;
  into.personality_origin = {section.path()};
  if (domain == "LINUX") {
    into.personality = PER_LINUX;
  } else if (domain == "LINUX32") {
    into.personality = PER_LINUX32;
  } else if (!domain.empty()) {
    section.refuse("domain", cat("'", domain, "' is neither LINUX nor LINUX32"));
  }
  if (!section.texts("flags").empty()) section.refuse("flags", "the specification has none");
}

void read_memory_policy(const Section& linux, Draft& draft) {
  const Section section = linux.object("memoryPolicy");
  if (!section) return;
  MemoryPolicy policy = {.origin = {section.path()}};
  const std::string mode = section.needed_text("mode");
  const auto number = find(kModes, mode);
  if (!number && !mode.empty()) section.refuse("mode", cat("'", mode, "' is no policy"));
  policy.mode = static_cast<int>(number.value_or(0));
  const std::vector<std::string> flags = section.texts("flags");
  for (std::size_t i = 0; i < flags.size(); ++i) {
    const auto bit = find(kModeFlags, flags[i]);
    if (!bit) section.refuse("flags", i, cat("'", flags[i], "' is no flag"));
    policy.flags |= bit.value_or(0);
  }
  const std::string nodes = section.text("nodes").value_or("");
  std::optional<CpuSet> read = read_numbers(nodes, kMostNode);
  if (!read) section.refuse("nodes", cat("'", nodes, "' is no list of memory nodes"));
  policy.nodes = std::move(read).value_or(CpuSet{});
  draft.config.spec.command.scheduling.memory = std::move(policy);
}

void read_net_devices(const Section& linux, Draft& draft) {
  linux.each_object("netDevices", [&](const std::string& name, const Section& device) {
    const std::string inside = device.text("name").value_or("");
    draft.config.spec.net_devices.push_back(
        {.host_name = name, .name = inside.empty() ? name : inside, .origin = {device.path()}});
  });
}

}  // namespace

void read_kernel(const Section& linux, Draft& draft) {
  read_offsets(linux, draft);
  read_sysctls(linux, draft);
  read_personality(linux, draft);
  read_memory_policy(linux, draft);
  read_net_devices(linux, draft);
  // The specification asks for an error where the runtime cannot do it.
  if (linux.has("intelRdt")) linux.refuse("intelRdt", "kelp does not know Intel RDT");
}

}  // namespace kelp::oci
