// SPDX-License-Identifier: Apache-2.0
// The programs and files of a network; see network_facts.h.
// Runs in: parent.
#include "host/network_facts.h"

#include <unistd.h>

#include <cerrno>
#include <utility>

#include "base/text.h"
#include "host/id_facts.h"
#include "sys/failure.h"
#include "sys/files.h"

namespace kelp::host {
namespace {

constexpr std::size_t kMostOfResolvConf = std::size_t{64} * 1024;

Result<std::string> text_of(const std::string& path) {
  Result<std::string> text = sys::read_file(path, kMostOfResolvConf);
  if (text || sys::is_shortage(text.error().code())) return text;
  return std::string();
}

}  // namespace

Cause no_tunnel(int error) {
  if (error == ENOENT) {
    return {.why = cat(kTunnelDevice, " is missing"),
            .mend = "load the kernel's module tun; a container around kelp must be given the device"};
  }
  return {.why = cat(kTunnelDevice, " may not be opened: ", sys::reason_of(error)),
          .mend = "sudo chmod 0666 /dev/net/tun, which is what udev gives it"};
}

Result<NetworkFacts> probe_network() {
  NetworkFacts facts{.pasta = find_program("pasta"),
                     .slirp4netns = find_program("slirp4netns"),
                     .resolv_conf = {},
                     .systemd_resolv_conf = {},
                     .tunnel_error = ::access(kTunnelDevice, R_OK | W_OK) == 0 ? 0 : errno};
  Result<std::string> own = text_of("/etc/resolv.conf");
  if (!own) return own.error();
  Result<std::string> of_systemd = text_of("/run/systemd/resolve/resolv.conf");
  if (!of_systemd) return of_systemd.error();
  facts.resolv_conf = std::move(*own);
  facts.systemd_resolv_conf = std::move(*of_systemd);
  return facts;
}

}  // namespace kelp::host
