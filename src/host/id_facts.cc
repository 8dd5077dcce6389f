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
#include "sys/failure.h"
#include "sys/files.h"

namespace kelp::host {
namespace {

constexpr std::size_t kMostConfiguration = std::size_t{64} * 1024;

bool has(sys::CapabilityMask mask, unsigned capability) { return ((mask >> capability) & 1U) != 0; }

Result<Ranges> own_ids(const std::string& path) {
  const Result<std::string> text = sys::read_proc(path);
  if (!text && sys::is_shortage(text.error().code())) return text.error();
  // Where /proc is missing nothing is known of a narrower map; the kernel will refuse what does not fit.
  if (!text) return Ranges{{.first = 0, .count = UINT32_MAX}};
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

Result<SubordinateIds> listed_ranges(const RangeOwner& owner) {
  const Result<std::string> nsswitch = sys::read_file("/etc/nsswitch.conf", kMostConfiguration);
  if (!nsswitch && sys::is_shortage(nsswitch.error().code())) return nsswitch.error();
  if (nsswitch && names_other_subid_source(*nsswitch) && !owner.name.empty())
    return ranges_by_libsubid(owner);
  Result<RangeList> users = read_range_file("/etc/subuid", owner);
  if (!users) return users.error();
  Result<RangeList> groups = read_range_file("/etc/subgid", owner);
  if (!groups) return groups.error();
  return SubordinateIds{.users = std::move(*users), .groups = std::move(*groups)};
}

Status take_ranges(IdFacts& facts, const Caller& caller) {
  Result<SubordinateIds> ids = listed_ranges({.name = facts.user_name, .uid = caller.uid});
  if (!ids) return ids.error();
  facts.user_ranges = usable(ids->users.ranges, facts.own_users, caller.uid);
  facts.group_ranges = usable(ids->groups.ranges, facts.own_groups, caller.gid);
  for (RangeList* list : {&ids->users, &ids->groups}) {
    std::ranges::move(list->warnings, std::back_inserter(facts.warnings));
  }
  return {};
}

Result<std::optional<Account>> account_of(std::uint32_t uid) {
  Result<std::optional<Account>> local = account_in_file("/etc/passwd", uid);
  if (!local || local->has_value()) return local;
  return account_by_nss(uid);
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

std::string find_program(const std::string& name) {
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
  Result<Ranges> own_users = own_ids("/proc/self/uid_map");
  if (!own_users) return own_users.error();
  Result<Ranges> own_groups = own_ids("/proc/self/gid_map");
  if (!own_groups) return own_groups.error();
  facts.own_users = std::move(*own_users);
  facts.own_groups = std::move(*own_groups);
  if (facts.may_set_ids) {
    const Result<std::string> setgroups = sys::read_proc("/proc/self/setgroups");
    if (!setgroups && sys::is_shortage(setgroups.error().code())) return setgroups.error();
    facts.may_set_groups = !setgroups || !setgroups->starts_with("deny");
  }
  facts.is_first_namespace = is_every_id(facts.own_users) && is_every_id(facts.own_groups);
  facts.no_new_privs = ::prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1;
  // Whoever may set ids in a narrower namespace takes all of them: no range, no name, no helper.
  if (facts.may_set_ids && !facts.is_first_namespace) return facts;

  if (!account) {
    Result<std::optional<Account>> found = account_of(caller.uid);
    if (!found) return found.error();
    account = std::move(*found);
  }
  if (account) facts.user_name = std::move(account->name);
  if (Status s = take_ranges(facts, caller); !s) return s.error();
  if (facts.may_set_ids) return facts;  // writes its maps itself
  facts.newuidmap = find_program("newuidmap");
  facts.newgidmap = find_program("newgidmap");
  return facts;
}

}  // namespace kelp::host
