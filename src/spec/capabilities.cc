// SPDX-License-Identifier: Apache-2.0
// The names of the capabilities in the order of their numbers, as <linux/capability.h> has them.
#include "spec/capabilities.h"

#include <array>
#include <cctype>

#include "base/text.h"

namespace kelp {
namespace {

constexpr std::array<std::string_view, 41> kNames = {"chown",
                                                     "dac_override",
                                                     "dac_read_search",
                                                     "fowner",
                                                     "fsetid",
                                                     "kill",
                                                     "setgid",
                                                     "setuid",
                                                     "setpcap",
                                                     "linux_immutable",
                                                     "net_bind_service",
                                                     "net_broadcast",
                                                     "net_admin",
                                                     "net_raw",
                                                     "ipc_lock",
                                                     "ipc_owner",
                                                     "sys_module",
                                                     "sys_rawio",
                                                     "sys_chroot",
                                                     "sys_ptrace",
                                                     "sys_pacct",
                                                     "sys_admin",
                                                     "sys_boot",
                                                     "sys_nice",
                                                     "sys_resource",
                                                     "sys_time",
                                                     "sys_tty_config",
                                                     "mknod",
                                                     "lease",
                                                     "audit_write",
                                                     "audit_control",
                                                     "setfcap",
                                                     "mac_override",
                                                     "mac_admin",
                                                     "syslog",
                                                     "wake_alarm",
                                                     "block_suspend",
                                                     "audit_read",
                                                     "perfmon",
                                                     "bpf",
                                                     "checkpoint_restore"};

}  // namespace

CapabilityMask all_capabilities() { return (CapabilityMask{1} << kNames.size()) - 1; }

std::optional<CapabilityMask> read_capability(std::string_view name) {
  std::string lower;
  for (const char c : name) lower += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  if (lower == "all") return all_capabilities();
  std::string_view wanted = lower;
  if (wanted.starts_with("cap_")) wanted.remove_prefix(4);
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    if (kNames[i] == wanted) return CapabilityMask{1} << i;
  }
  return std::nullopt;
}

std::string capability_names(CapabilityMask mask) {
  if (mask == 0) return "none";
  if (mask == all_capabilities()) return "all";
  std::string out;
  for (std::size_t i = 0; i < 64; ++i) {
    if (((mask >> i) & 1U) == 0) continue;
    if (!out.empty()) out += ',';
    out += i < kNames.size() ? std::string(kNames[i]) : std::to_string(i);
  }
  return out;
}

}  // namespace kelp
