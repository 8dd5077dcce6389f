// SPDX-License-Identifier: Apache-2.0
// A bundle as a command is given it; see oci_bundle.h.
#include "verbs/oci_bundle.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

#include "base/text.h"
#include "host/accounts.h"
#include "host/security_modules.h"
#include "sys/caps.h"
#include "sys/files.h"
#include "verbs/oci_notify.h"
#include "verbs/user_store.h"

namespace kelp::verbs {
namespace {

constexpr std::size_t kMostConfig = 64U << 20U;
constexpr int kFirstFd = 3;
constexpr std::uint64_t kMostFds = 1U << 20U;
constexpr unsigned kSysAdmin = 21;  // CAP_SYS_ADMIN

// As systemd has it (sd_listen_fds(3)); the number of the process is of the shell or the engine in between.
std::uint64_t listen_fds() {
  const char* const count = std::getenv("LISTEN_FDS");
  return count == nullptr ? 0 : read_decimal(count, kMostFds).value_or(0);
}

CgroupManager manager_of(const oci::Arguments& arguments) {
  const std::string name =
      arguments.cgroup_manager.value_or(arguments.systemd_cgroup ? "systemd" : "cgroupfs");
  if (name == "systemd") return CgroupManager::kSystemd;
  return name == "disabled" ? CgroupManager::kNone : CgroupManager::kFiles;
}

}  // namespace

std::string absolute_path(const std::string& path) {
  if (path.starts_with('/')) return path;
  const std::string around = sys::working_directory();
  return path.empty() || path == "." ? around : cat(around == "/" ? "" : around, "/", path);
}

Result<std::vector<int>> preserved_fds(const oci::Arguments& arguments) {
  const std::uint64_t count = listen_fds() + arguments.preserve_fds.value_or(0);
  std::vector<int> fds;
  for (std::uint64_t i = 0; i < count; ++i) {
    const int fd = kFirstFd + static_cast<int>(i);
    if (::fcntl(fd, F_GETFD) < 0) return oci::refusal(cat("--preserve-fds: descriptor ", fd, " is not open"));
    fds.push_back(fd);
  }
  return fds;
}

std::vector<std::string> socket_variables() {
  const std::uint64_t count = listen_fds();
  if (count == 0) return {};
  return {cat("LISTEN_FDS=", count), "LISTEN_PID=1"};
}

std::string owner_name() {
  const Result<std::optional<host::Account>> account = host::account_in_file("/etc/passwd", ::geteuid());
  return account && *account ? (*account)->name : std::to_string(::geteuid());
}

Result<oci::Surroundings> surroundings_of_machine(std::string bundle, std::string id) {
  oci::Surroundings around{.bundle = std::move(bundle), .id = std::move(id)};
  const Result<sys::CapabilityMask> mask = sys::effective_capabilities();
  if (!mask) return mask.error();
  around.own_capabilities = *mask & all_capabilities();
  around.has_rights = ::geteuid() == 0 && ((*mask >> kSysAdmin) & 1U) != 0;
  around.is_real_root = is_root_of_machine();
  around.has_apparmor = [] { return host::has_apparmor(host::Machine{}); };
  around.has_selinux = [] { return host::has_selinux(host::Machine{}); };
  return around;
}

Result<oci::Surroundings> surroundings_of(const oci::Arguments& arguments, std::string bundle, Stay stay) {
  Result<oci::Surroundings> found = surroundings_of_machine(std::move(bundle), arguments.id);
  if (!found) return found;
  oci::Surroundings& around = *found;
  around.cgroup_manager = manager_of(arguments);
  around.new_keyring = !arguments.no_new_keyring;
  Result<std::vector<int>> fds = preserved_fds(arguments);
  if (!fds) return fds.error();
  around.preserved_fds = std::move(*fds);
  around.stays = stay == Stay::kOnItsOwn;
  return found;
}

Result<Bundle> read_bundle(const oci::Arguments& arguments, Stay stay) {
  // First: what is opened from here on would take the numbers of what is not there.
  const std::string path = absolute_path(arguments.bundle.value_or("."));
  const Result<oci::Surroundings> around = surroundings_of(arguments, path, stay);
  if (!around) return around.error();
  const std::string file = arguments.config.value_or("config.json");
  const std::string config_path = file.starts_with('/') ? file : cat(path, "/", file);
  Result<std::string> text = sys::read_file(config_path, kMostConfig);
  if (!text) return text.error();
  Result<oci::Config> config = oci::read_config(*text, *around);
  if (!config) return config.error();
  share_notify_socket(*config);
  std::vector<std::string> variables = socket_variables();
  std::vector<std::string>& environment = config->spec.command.environment.entries;
  environment.insert(environment.end(), variables.begin(), variables.end());
  return Bundle{.path = path, .text = std::move(*text), .config = std::move(*config)};
}

}  // namespace kelp::verbs
