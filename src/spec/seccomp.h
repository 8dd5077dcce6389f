// SPDX-License-Identifier: Apache-2.0
// Which system calls a command may make: filters of its own, of kelp's, or of a profile in the OCI form
// (seccomp(2), seccomp_profile.h). Every filter that is asked for counts: the strictest answer wins.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "spec/origin.h"
#include "spec/seccomp_profile.h"

namespace kelp {

// One instruction of classic BPF, laid out as the kernel's struct sock_filter.
struct FilterInstruction {
  std::uint16_t code = 0;
  std::uint8_t if_true = 0;
  std::uint8_t if_false = 0;
  std::uint32_t operand = 0;
  bool operator==(const FilterInstruction&) const = default;
};
using FilterCode = std::vector<FilterInstruction>;

inline constexpr std::size_t kMaxFilterInstructions = 4096;  // BPF_MAXINSNS

// A filter that the kernel takes as it is.
struct FilterProgram {
  FilterCode code;
  std::uint32_t flags = 0;  // SECCOMP_FILTER_FLAG_*
  bool notifies = false;    // some calls wait for what SeccompListener says of them (seccomp_unotify(2))
  bool operator==(const FilterProgram&) const = default;
};

// What was compiled when kelp was built.
enum class BuiltInFilter {
  kDefault,
  kNoUserns,
  kNoUnixSockets,
  kNoTerminalInjection,
  kNoIoUring,
  kNoPtrace,
  kNoKeyring,
  kNoOtherTcp,
  kNoListen,
  kNoNesting,
  kNoOtherProcess,
  kNoIpc,
  kNoMountChanges,
  // These are no sets that --seccomp knows.
  kFakeRoot,            // pretends where the others refuse
  kFakeRootConsistent,  // asks the supervisor, and pretends the rest
  kSupervisor,          // what that process itself may call
};
inline constexpr std::size_t kBuiltInFilters = 16;
// Whether --seccomp=@NAME adds it.
bool is_set(BuiltInFilter filter);

// What the default filter refuses and --seccomp=@NAME gives back. No filter can allow what another one
// refuses, so each combination of these was compiled as a default filter of its own.
enum class GivingSet {
  kIoUring,
  kPerf,
  kKeyring,
};
inline constexpr std::size_t kGivingSets = 3;
using GivingSets = std::uint32_t;  // a bit for each
inline constexpr GivingSets kEveryGivingSet = (GivingSets{1} << kGivingSets) - 1;
constexpr GivingSets bit_of(GivingSet set) { return GivingSets{1} << static_cast<unsigned>(set); }

struct GivenBack {
  GivingSet set = GivingSet::kIoUring;
  Origin origin;
  bool operator==(const GivenBack&) const = default;
};

struct Filter {
  std::variant<BuiltInFilter, FilterProgram, SeccompProfile> what;
  Origin origin;
  bool operator==(const Filter&) const = default;
};

// Who answers the calls that a filter passes on: it gets the filter's descriptor, and a document, over a UNIX
// socket (config-linux.md, "Container Process State").
struct SeccompListener {
  std::string path;
  std::string metadata;
  std::vector<std::string> document;  // its parts; between two stands the number of the process
  Origin origin;
  bool operator==(const SeccompListener&) const = default;
};

struct Seccomp {
  std::vector<Filter> filters;        // in the order in which they are installed
  std::vector<GivenBack> given_back;  // by the default filter, which must be among them
  bool only_log = false;              // what a filter would refuse is logged by the kernel, and done
  Origin log_origin;
  std::optional<SeccompListener> listener;
  bool operator==(const Seccomp&) const = default;
};

// "default", "no-userns" and so on, without the @ in front.
std::optional<BuiltInFilter> read_built_in_filter(std::string_view name);
std::string_view built_in_filter_name(BuiltInFilter filter);
// The sets that take something away.
std::vector<std::string_view> filter_set_names();

// "io-uring" and so on.
std::optional<GivingSet> read_giving_set(std::string_view name);
std::string_view giving_set_name(GivingSet set);
std::vector<std::string_view> giving_set_names();

// Raw BPF as it lies in a file: whole instructions in this machine's byte order. Nothing where the size is
// not that of whole instructions.
std::optional<FilterCode> read_filter_code(std::string_view bytes);

}  // namespace kelp
