// SPDX-License-Identifier: Apache-2.0
// The kinds of namespaces (namespaces(7)) and which of them are new. User and mount are always new: without
// them there is no container for a user without root.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace kelp {

enum class Namespace { kUser, kMount, kPid, kIpc, kUts, kCgroup, kNetwork, kTime };

struct NamespaceInfo {
  Namespace kind;
  std::string_view name;     // as the flags have it
  std::string_view file;     // in /proc/PID/ns
  std::uint64_t clone_flag;  // CLONE_NEW*
};
// Every kind, in the order of the enum.
const std::array<NamespaceInfo, 8>& all_namespaces();
std::optional<Namespace> read_namespace(std::string_view name);
std::string_view namespace_name(Namespace kind);

// A set of kinds.
class NamespaceSet {
 public:
  constexpr NamespaceSet() = default;
  constexpr bool has(Namespace kind) const { return (bits_ & bit(kind)) != 0; }
  constexpr void add(Namespace kind) { bits_ |= bit(kind); }
  constexpr void remove(Namespace kind) { bits_ &= ~bit(kind); }
  bool operator==(const NamespaceSet&) const = default;

 private:
  static constexpr std::uint32_t bit(Namespace kind) { return 1U << static_cast<unsigned>(kind); }
  std::uint32_t bits_ = bit(Namespace::kUser) | bit(Namespace::kMount);
};

// Offsets of the clocks of a new time namespace (time_namespaces(7)): seconds, and nanoseconds forward.
struct TimeOffsets {
  std::int64_t monotonic_s = 0;
  std::int64_t boottime_s = 0;
  std::uint32_t monotonic_ns = 0;
  std::uint32_t boottime_ns = 0;
  bool operator==(const TimeOffsets&) const = default;
};

}  // namespace kelp
