// SPDX-License-Identifier: Apache-2.0
// The names of the filters that are built in, and raw BPF as values; see seccomp.h.
#include "spec/seccomp.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace kelp {
namespace {

struct Name {
  BuiltInFilter filter;
  std::string_view text;
};

constexpr std::array kNames = std::to_array<Name>({
    {BuiltInFilter::kDefault, "default"},
    {BuiltInFilter::kNoUserns, "no-userns"},
    {BuiltInFilter::kNoUnixSockets, "no-unix-sockets"},
    {BuiltInFilter::kNoTerminalInjection, "no-terminal-injection"},
    {BuiltInFilter::kNoIoUring, "no-io-uring"},
    {BuiltInFilter::kNoPtrace, "no-ptrace"},
    {BuiltInFilter::kNoKeyring, "no-keyring"},
    {BuiltInFilter::kNoOtherTcp, "no-other-tcp"},
    {BuiltInFilter::kNoListen, "no-listen"},
    {BuiltInFilter::kNoNesting, "no-nesting"},
    {BuiltInFilter::kNoOtherProcess, "no-other-process"},
    {BuiltInFilter::kNoIpc, "no-ipc"},
    {BuiltInFilter::kNoMountChanges, "no-mount-changes"},
    {BuiltInFilter::kFakeRoot, "fake-root"},
    {BuiltInFilter::kFakeRootConsistent, "fake-root-consistent"},
    {BuiltInFilter::kSupervisor, "supervisor"},
});
static_assert(kNames.size() == kBuiltInFilters);

constexpr std::array<std::string_view, kGivingSets> kGiving = {"io-uring", "perf", "keyring"};

}  // namespace

std::optional<BuiltInFilter> read_built_in_filter(std::string_view name) {
  const auto* const found =
      std::find_if(kNames.begin(), kNames.end(), [&](const Name& known) { return known.text == name; });
  if (found == kNames.end()) return std::nullopt;
  return found->filter;
}

std::string_view built_in_filter_name(BuiltInFilter filter) {
  return kNames.at(static_cast<std::size_t>(filter)).text;
}

bool is_set(BuiltInFilter filter) {
  return filter != BuiltInFilter::kDefault && filter < BuiltInFilter::kFakeRoot;
}

std::vector<std::string_view> filter_set_names() {
  std::vector<std::string_view> out;
  for (const Name& known : kNames) {
    if (is_set(known.filter)) out.push_back(known.text);
  }
  return out;
}

std::optional<GivingSet> read_giving_set(std::string_view name) {
  const auto* const found = std::find(kGiving.begin(), kGiving.end(), name);
  if (found == kGiving.end()) return std::nullopt;
  return static_cast<GivingSet>(found - kGiving.begin());
}

std::string_view giving_set_name(GivingSet set) { return kGiving.at(static_cast<std::size_t>(set)); }

std::vector<std::string_view> giving_set_names() { return {kGiving.begin(), kGiving.end()}; }

std::optional<FilterCode> read_filter_code(std::string_view bytes) {
  if (bytes.size() % sizeof(FilterInstruction) != 0) return std::nullopt;
  FilterCode code(bytes.size() / sizeof(FilterInstruction));
  if (!code.empty()) std::memcpy(code.data(), bytes.data(), bytes.size());
  return code;
}

}  // namespace kelp
