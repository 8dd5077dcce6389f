// SPDX-License-Identifier: Apache-2.0
// NOTIFY_SOCKET; see oci_notify.h.
#include "verbs/oci_notify.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <string>

#include "base/text.h"
#include "sys/unique_fd.h"

namespace kelp::verbs {
namespace {

constexpr const char* kVariable = "NOTIFY_SOCKET";
constexpr std::string_view kInside = "/run/notify/notify.sock";  // where runc has it

std::string notify_socket() {
  const char* const path = std::getenv(kVariable);
  return path == nullptr ? std::string() : std::string(path);
}

}  // namespace

void share_notify_socket(oci::Config& config) {
  const std::string path = notify_socket();
  if (path.empty()) return;
  std::vector<std::string>& environment = config.spec.command.environment.entries;
  if (!path.starts_with('/')) {
    environment.push_back(cat(kVariable, "=", path));
    return;
  }
  config.spec.mounts.push_back(
      {.what = PlainMount{.type = "bind", .source = path, .to = std::string(kInside), .recursive = false},
       .origin = {kVariable}});
  environment.push_back(cat(kVariable, "=", kInside));
}

void notify_main_process(pid_t pid) {
  const std::string path = notify_socket();
  sockaddr_un address{};
  if (path.size() < 2 || path.size() > sizeof address.sun_path) return;
  address.sun_family = AF_UNIX;
  std::ranges::copy(path, static_cast<char*>(address.sun_path));
  if (path[0] == '@') address.sun_path[0] = '\0';
  const sys::UniqueFd socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  const std::string text = cat("MAINPID=", pid);
  const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size());
  (void)::sendto(socket.get(), text.data(), text.size(), MSG_NOSIGNAL,
                 reinterpret_cast<const sockaddr*>(&address), length);
}

}  // namespace kelp::verbs
