// SPDX-License-Identifier: Apache-2.0
// The three system calls of Landlock; see landlock.h.
// Runs in: both.
#include "sys/landlock.h"

#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

#include "base/text.h"
#include "sys/failure.h"

namespace kelp::sys {
namespace {

constexpr unsigned kVersion = 1U << 0U;  // LANDLOCK_CREATE_RULESET_VERSION
constexpr int kPathBeneath = 1;          // LANDLOCK_RULE_PATH_BENEATH
constexpr int kNetPort = 2;              // LANDLOCK_RULE_NET_PORT

// struct landlock_ruleset_attr of ABI 6. Before, the kernel takes a longer one if the rest is zero (E2BIG).
struct RulesetAttributes {
  std::uint64_t files;
  std::uint64_t ports;
  std::uint64_t scopes;
};

// The kernel's structure has 12 bytes.
struct [[gnu::packed]] PathBeneath {
  std::uint64_t rights;
  std::int32_t fd;
};

struct NetPort {
  std::uint64_t rights;
  std::uint64_t port;
};

}  // namespace

Result<std::optional<int>> landlock_abi() {
  const long abi = ::syscall(SYS_landlock_create_ruleset, nullptr, 0, kVersion);
  if (abi >= 0) return std::optional<int>(static_cast<int>(abi));
  // ENOSYS: not built in, or an outer filter that does not know it; EOPNOTSUPP: not among the boot's lsm=.
  // EPERM is an outer filter's answer too: a fence that it takes away is not there.
  if (errno == ENOSYS || errno == EOPNOTSUPP || errno == EPERM) return std::optional<int>();
  return failure("ask for the Landlock ABI");
}

Result<UniqueFd> make_landlock_ruleset(const LandlockRuleset& forbidden) {
  const RulesetAttributes attributes{
      .files = forbidden.files, .ports = forbidden.ports, .scopes = forbidden.scopes};
  const long fd = ::syscall(SYS_landlock_create_ruleset, &attributes, sizeof(attributes), 0U);
  if (fd < 0) return failure("make a Landlock ruleset");
  return UniqueFd(static_cast<int>(fd));  // always close-on-exec
}

Status allow_files(int ruleset_fd, int path_fd, std::uint64_t rights) {
  const PathBeneath rule{.rights = rights, .fd = path_fd};
  if (::syscall(SYS_landlock_add_rule, ruleset_fd, kPathBeneath, &rule, 0U) == 0) return {};
  return failure("add a Landlock rule");
}

Status allow_port(int ruleset_fd, std::uint16_t port, std::uint64_t rights) {
  const NetPort rule{.rights = rights, .port = port};
  if (::syscall(SYS_landlock_add_rule, ruleset_fd, kNetPort, &rule, 0U) == 0) return {};
  return failure(cat("add a Landlock rule for port ", port));
}

Status enter_landlock_domain(int ruleset_fd) {
  if (::syscall(SYS_landlock_restrict_self, ruleset_fd, 0U) == 0) return {};
  if (errno == E2BIG) {
    return Error("enter a Landlock domain", "there are 16 around it already, which is the kernel's limit")
        .with_code(E2BIG)
        .with_hint("--landlock=none does without one");
  }
  return failure("enter a Landlock domain");
}

}  // namespace kelp::sys
