// SPDX-License-Identifier: Apache-2.0
// What the caller may map; see id_facts.h.
// Runs in: parent.
#include "host/id_facts.h"

#include <linux/capability.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "base/text.h"
#include "host/libsubid.h"
#include "host/subids.h"
#include "sys/caps.h"
#include "sys/files.h"

namespace kelp::host {
namespace {

constexpr std::size_t kMostConfiguration = std::size_t{64} * 1024;

bool has(sys::CapabilityMask mask, unsigned capability) { return ((mask >> capability) & 1U) != 0; }

Ranges own_ids(const std::string& path) {
  const Result<std::string> text = sys::read_proc(path);
  // Where /proc is missing nothing is known of a narrower map; the kernel will refuse what does not fit.
  if (!text) return {{.first = 0, .count = UINT32_MAX}};
  return read_id_map(*text);
}

// What a map can hold of the listed ranges beside the caller's own id.
Ranges usable(const Ranges& listed, const Ranges& own, std::uint32_t own_id) {
  Ranges ranges;
  const Ranges taken = {{.first = own_id, .count = 1}};
  for (const SubordinateRange& range : within(listed, own)) {
    for (const SubordinateRange& part : without(range, taken)) append_new(ranges, part);
  }
  if (ranges.size() > kMostRanges) ranges.resize(kMostRanges);
  return ranges;
}

void take_ranges(IdFacts& facts, const Caller& caller) {
  const RangeOwner owner{.name = facts.user_name, .uid = caller.uid};
  const Result<std::string> nsswitch = sys::read_file("/etc/nsswitch.conf", kMostConfiguration);
  SubordinateIds ids = nsswitch && names_other_subid_source(*nsswitch) && !owner.name.empty()
                           ? ranges_by_libsubid(owner)
                           : SubordinateIds{.users = read_range_file("/etc/subuid", owner),
                                            .groups = read_range_file("/etc/subgid", owner)};
  facts.user_ranges = usable(ids.users.ranges, facts.own_users, caller.uid);
  facts.group_ranges = usable(ids.groups.ranges, facts.own_groups, caller.gid);
  for (RangeList* list : {&ids.users, &ids.groups}) {
    std::ranges::move(list->warnings, std::back_inserter(facts.warnings));
  }
}

}  // namespace

Ranges read_id_map(std::string_view text) {
  Ranges ranges;
  for (const std::string_view line : split(text, '\n')) {
    // Three columns, padded with blanks: inside, outside, count.
    std::vector<std::string_view> columns;
    for (const std::string_view column : split(line, ' ')) {
      if (!column.empty()) columns.push_back(column);
    }
    if (columns.size() != 3) continue;
    const std::optional<std::uint64_t> first = read_decimal(columns[0], UINT32_MAX);
    const std::optional<std::uint64_t> count = read_decimal(columns[2], UINT32_MAX);
    if (!first || !count || !is_valid(*first, *count)) continue;
    append_new(ranges,
               {.first = static_cast<std::uint32_t>(*first), .count = static_cast<std::uint32_t>(*count)});
  }
  return ranges;
}

bool is_every_id(const Ranges& ranges) {
  return ranges.size() == 1 && ranges.front().first == 0 && end_of(ranges.front()) == kLastId + 1;
}

std::string find_id_helper(const std::string& name) {
  // NixOS and Guix keep setuid programs apart: in PATH they have copies without the bit.
  for (const char* directory : {"/usr/bin", "/bin", "/usr/local/bin", "/run/wrappers/bin",
                                "/run/privileged/bin", "/run/setuid-programs"}) {
    std::string path = cat(directory, "/", name);
    if (::access(path.c_str(), X_OK) == 0) return path;
  }
  const char* const search = std::getenv("PATH");
  if (search == nullptr) return {};
  for (const std::string_view directory : split(search, ':')) {
    if (!directory.starts_with('/')) continue;
    std::string path = cat(directory, "/", name);
    if (::access(path.c_str(), X_OK) == 0) return path;
  }
  return {};
}

Result<IdFacts> probe_ids(const Caller& caller, std::optional<Account> account) {
  const Result<sys::CapabilityMask> capabilities = sys::effective_capabilities();
  if (!capabilities) return capabilities.error();
  IdFacts facts;
  facts.may_set_ids = has(*capabilities, CAP_SETUID) && has(*capabilities, CAP_SETGID);
  facts.may_set_file_capabilities = has(*capabilities, CAP_SETFCAP);
  facts.own_users = own_ids("/proc/self/uid_map");
  facts.own_groups = own_ids("/proc/self/gid_map");
  if (facts.may_set_ids) {
    const Result<std::string> setgroups = sys::read_proc("/proc/self/setgroups");
    facts.may_set_groups = !setgroups || !setgroups->starts_with("deny");
  }
  facts.is_first_namespace = is_every_id(facts.own_users) && is_every_id(facts.own_groups);
  facts.no_new_privs = ::prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1;
  // Whoever may set ids in a narrower namespace takes all of them: no range, no name, no helper.
  if (facts.may_set_ids && !facts.is_first_namespace) return facts;

  if (!account) account = account_in_file("/etc/passwd", caller.uid);
  if (!account) account = account_by_nss(caller.uid);
  if (account) facts.user_name = std::move(account->name);
  take_ranges(facts, caller);
  if (facts.may_set_ids) return facts;  // writes its maps itself
  facts.newuidmap = find_id_helper("newuidmap");
  facts.newgidmap = find_id_helper("newgidmap");
  return facts;
}

}  // namespace kelp::host
