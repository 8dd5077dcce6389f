// SPDX-License-Identifier: Apache-2.0
// The machine as it is looked at after a failure; see machine.h.
// Runs in: parent.
#include "host/machine.h"

#include <sys/utsname.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <cstdlib>

#include "base/text.h"
#include "host/accounts.h"
#include "host/outer_fences.h"
#include "sys/files.h"

namespace kelp::host {
namespace {

std::string_view unquoted(std::string_view text) {
  text = trimmed(text);
  if (text.size() >= 2 && (text.front() == '"' || text.front() == '\'') && text.back() == text.front()) {
    return text.substr(1, text.size() - 2);
  }
  return text;
}

std::string family_of(std::string_view word) {
  static constexpr std::array<std::string_view, 6> kFamilies = {"debian", "fedora", "arch",
                                                                "alpine", "suse",   "nixos"};
  for (const std::string_view family : kFamilies) {
    if (word == family) return std::string(family);
  }
  if (word == "ubuntu") return "debian";
  if (word == "rhel" || word == "centos") return "fedora";
  if (word.starts_with("opensuse") || word == "sles") return "suse";
  return {};
}

}  // namespace

Machine Machine::here() {
  Machine machine;
  utsname names{};
  if (::uname(&names) == 0) machine.release = names.release;
  machine.uid = ::geteuid();
  const Result<std::optional<Account>> local = account_in_file("/etc/passwd", machine.uid);
  std::optional<Account> account = local ? *local : std::nullopt;
  machine.is_local_user = account.has_value();
  if (!account) account = account_by_nss(machine.uid);
  machine.user = account ? account->name : cat("uid ", machine.uid);
  machine.mount_is_filtered = host::mount_is_filtered;
  machine.landlock_forbids_mounts = host::landlock_forbids_mounts;
  return machine;
}

std::optional<std::string> Machine::read(std::string_view path) const {
  Result<std::string> text = sys::read_proc(cat(prefix, path));
  if (!text) return std::nullopt;
  return std::move(*text);
}

std::optional<std::uint64_t> Machine::setting(std::string_view path) const {
  const std::optional<std::string> text = read(path);
  if (!text) return std::nullopt;
  return read_decimal(trimmed(std::string_view(*text).substr(0, text->find('\n'))), UINT64_MAX);
}

bool Machine::exists(std::string_view path) const { return ::access(cat(prefix, path).c_str(), F_OK) == 0; }

std::string Machine::status(std::string_view field) const {
  const std::optional<std::string> text = read("/proc/self/status");
  if (!text) return {};
  for (const std::string_view line : split(*text, '\n')) {
    if (line.starts_with(field) && line.substr(field.size()).starts_with(':')) {
      return std::string(trimmed(line.substr(field.size() + 1)));
    }
  }
  return {};
}

bool Machine::has_capability(unsigned number) const {
  const std::string text = status("CapEff");
  std::uint64_t mask = 0;
  std::from_chars(text.data(), text.data() + text.size(), mask, 16);
  return ((mask >> number) & 1U) != 0;
}

std::vector<MountEntry> Machine::mounts() const {
  return read_mountinfo(read("/proc/self/mountinfo").value_or(std::string()));
}

std::vector<std::string> Machine::cgroup_levels() const {
  const std::string text = read("/proc/self/cgroup").value_or(std::string());
  std::vector<std::string> levels;
  for (const std::string_view line : split(text, '\n')) {
    if (!line.starts_with("0::/") || line.find("/..") != std::string_view::npos) continue;
    for (std::string_view path = line.substr(3); path.size() > 1; path = path.substr(0, path.rfind('/'))) {
      levels.push_back(cat("/sys/fs/cgroup", path));
    }
  }
  return levels;
}

std::string Machine::distribution() const {
  const std::string text = read("/etc/os-release").value_or(std::string());
  for (const std::string_view key : {"ID=", "ID_LIKE="}) {
    for (const std::string_view line : split(text, '\n')) {
      if (!line.starts_with(key)) continue;
      for (const std::string_view word : split(unquoted(line.substr(key.size())), ' ')) {
        if (std::string family = family_of(word); !family.empty()) return family;
      }
    }
  }
  return {};
}

std::string Machine::outer_engine() const {
  if (std::getenv("KUBERNETES_SERVICE_HOST") != nullptr) return "kubernetes";
  if (exists("/run/.containerenv")) return "podman";
  if (exists("/.dockerenv")) return "docker";
  return {};
}

}  // namespace kelp::host
