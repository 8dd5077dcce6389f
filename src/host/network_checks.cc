// SPDX-License-Identifier: Apache-2.0
// The network among the checks; see network_checks.h.
// Runs in: parent.
#include "host/network_checks.h"

#include <string>

#include "base/text.h"
#include "host/id_checks.h"
#include "host/network_facts.h"

namespace kelp::host {
namespace {

std::string mend_by_package(const Machine& machine) {
  const std::string distribution = machine.distribution();
  if (distribution == "debian") return "sudo apt-get install passt";
  if (distribution == "fedora") return "sudo dnf install passt";
  if (distribution == "arch") return "sudo pacman -S passt";
  if (distribution == "alpine") return "doas apk add passt";
  if (distribution == "suse") return "sudo zypper install passt";
  return "install passt";
}

}  // namespace

Finding check_network(const Situation& at) {
  const NetworkFacts facts = at.facts.network.value_or(NetworkFacts{});
  if (facts.pasta.empty() && facts.slirp4netns.empty()) {
    return less(
        Condition::kLimited, "a container has the host's network or loopback only",
        Cause{.why = "neither pasta nor slirp4netns is installed", .mend = mend_by_package(at.machine)});
  }
  if (facts.tunnel_error != 0) {
    return less(Condition::kLimited, "a container has the host's network or loopback only",
                no_tunnel(facts.tunnel_error));
  }
  if (facts.pasta.empty()) {
    return less(Condition::kLimited, cat(printable(facts.slirp4netns), ", which publishes no port"),
                Cause{.why = "pasta is not installed", .mend = mend_by_package(at.machine)});
  }
  return ok(printable(facts.pasta));
}

}  // namespace kelp::host
