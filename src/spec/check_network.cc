// SPDX-License-Identifier: Apache-2.0
// What check() asks of the network.
#include <algorithm>

#include "base/text.h"
#include "spec/check_parts.h"
#include "spec/joins.h"

namespace kelp {
namespace {

// Why no port can be led in or out; empty: it can.
std::string why_no_ports(const Spec& spec) {
  const Network& network = spec.network;
  if (network.has_helper()) return {};
  if (std::holds_alternative<JoinedNetwork>(network.connection) || joins(spec, Namespace::kNetwork))
    return cat("the network is somebody else's (", network.origin.text, ")");
  const bool is_own = spec.new_namespaces.has(Namespace::kNetwork);
  const std::string by = network.origin.text.empty() ? "" : cat(" (", network.origin.text, ")");
  return cat(is_own ? "the network is loopback only" : "every port is the host's anyway", by);
}

bool overlap(const PublishedPorts& a, const PublishedPorts& b) {
  return a.transport == b.transport && a.host < b.host + b.count && b.host < a.host + a.count;
}

void check_published(const Network& network, std::vector<Error>& problems) {
  const auto& all = network.published;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const auto other = std::find_if(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(i),
                                    [&](const PublishedPorts& earlier) { return overlap(earlier, all[i]); });
    // Not by the address: pasta has one target a port.
    if (other == all.begin() + static_cast<std::ptrdiff_t>(i)) continue;
    problems.emplace_back(using_of(all[i].origin, "publish a port"),
                          cat("port ", std::max(all[i].host, other->host),
                              " of the host is published already (", other->origin.text, ")"));
  }
}

void check_host_ports(const Network& network, std::vector<Error>& problems) {
  const auto& all = network.host_ports;
  const auto* helper = std::get_if<HelperConnection>(&network.connection);
  const bool is_slirp = helper != nullptr && helper->program == HelperConnection::Program::kSlirp4netns;
  for (const HostPort& port : all) {
    if (!is_slirp) break;
    problems.push_back(Error(using_of(port.origin, "reach a port of the host"),
                             "slirp4netns opens the host's whole loopback or nothing of it")
                           .with_hint("--network=pasta can do it"));
  }
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (std::find(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(i), all[i]) ==
        all.begin() + static_cast<std::ptrdiff_t>(i))
      continue;
    problems.emplace_back(using_of(all[i].origin, "reach a port of the host"), "it is said twice");
  }
}

}  // namespace

std::vector<Error> problems_of_network(const Spec& spec) {
  std::vector<Error> problems;
  const Network& network = spec.network;
  if (const auto* joined = std::get_if<JoinedNetwork>(&network.connection);
      joined != nullptr && has_zero_byte(joined->path)) {
    problems.emplace_back("join a network namespace", "there is a zero byte in its path");
  }
  if (const std::string why = why_no_ports(spec); !why.empty()) {
    for (const PublishedPorts& ports : network.published)
      problems.emplace_back(using_of(ports.origin, "publish a port"), why);
    for (const HostPort& port : network.host_ports)
      problems.emplace_back(using_of(port.origin, "reach a port of the host"), why);
    return problems;
  }
  check_published(network, problems);
  check_host_ports(network, problems);
  if (!spec.new_namespaces.has(Namespace::kNetwork)) {
    problems.emplace_back(using_of(network.origin, "connect the network"),
                          "the network namespace is the host's");
  }
  const auto* helper = std::get_if<HelperConnection>(&network.connection);
  for (const std::string& word : helper->options) {
    if (has_zero_byte(word))
      problems.emplace_back(using_of(network.origin, "connect the network"), "there is a zero byte in it");
  }
  return problems;
}

}  // namespace kelp
