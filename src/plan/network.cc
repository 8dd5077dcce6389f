// SPDX-License-Identifier: Apache-2.0
// Which program connects the container's network, and what it is told.
#include "plan/network.h"

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "plan/steps.h"

namespace kelp::plan {
namespace {

using Program = HelperConnection::Program;

// Of the link-local addresses, that no network routes.
constexpr std::string_view kServerOfPasta = "169.254.1.1";
constexpr std::string_view kServerOfSlirp = "10.0.2.3";

bool takes_slirp(const HelperConnection& wanted, const host::NetworkFacts& facts) {
  return wanted.program == Program::kSlirp4netns || (wanted.program == Program::kAny && facts.pasta.empty());
}

// "127.0.0.1/8000-8010:80-90", as pasta's -t and -u have it.
std::string pasta_text(const PublishedPorts& ports) {
  const auto range = [&](unsigned first) {
    return ports.count == 1 ? cat(first) : cat(first, '-', first + ports.count - 1);
  };
  const std::string address = ports.address.empty() ? "" : cat(ports.address, '/');
  return cat(address, range(ports.host), ':', range(ports.inside));
}

// Each list has to be given: what is not told pasta guesses, from what listens on either side.
void add_ports(const Network& network, Transport transport, std::vector<std::string>& argv) {
  const bool is_tcp = transport == Transport::kTcp;
  std::vector<std::string> in;
  std::vector<std::string> out;
  for (const PublishedPorts& ports : network.published) {
    if (ports.transport == transport) in.push_back(pasta_text(ports));
  }
  for (const HostPort& port : network.host_ports) {
    if (port.transport == transport) out.push_back(cat(port.port));
  }
  if (in.empty()) in.emplace_back("none");
  if (out.empty()) out.emplace_back("none");
  for (std::string& text : in) argv.insert(argv.end(), {is_tcp ? "-t" : "-u", std::move(text)});
  for (std::string& text : out) argv.insert(argv.end(), {is_tcp ? "-T" : "-U", std::move(text)});
}

NetworkHelper pasta(const Network& network, const host::Facts& facts) {
  NetworkHelper helper{.program = facts.network->pasta,
                       .argv = {"pasta", "--config-net", "--foreground", "--quiet"},
                       .up = NetworkUp::kPidOnStderr,
                       .tried_ports = network.published,
                       .name_server = std::string(kServerOfPasta),
                       .origin = network.origin};
  std::vector<std::string>& argv = helper.argv;
  // Else it becomes nobody, who has no right over a user namespace of ours.
  if (facts.caller.uid == 0) argv.insert(argv.end(), {"--runas", cat("0:", facts.caller.gid)});
  // Else the address of the gateway is the host's own loopback.
  argv.emplace_back("--no-map-gw");
  argv.insert(argv.end(), {"--dns-forward", helper.name_server});
  add_ports(network, Transport::kTcp, argv);
  add_ports(network, Transport::kUdp, argv);
  const auto& options = std::get<HelperConnection>(network.connection).options;
  argv.insert(argv.end(), options.begin(), options.end());
  // All by descriptor: root's container cannot be looked into without rights that pasta gives up at once, and
  // newer versions close all descriptors but these three.
  argv.insert(argv.end(), {"--no-netns-quit", "--userns", "/proc/self/fd/0", "--netns", "/proc/self/fd/1",
                           "--pid", "/proc/self/fd/2"});
  return helper;
}

NetworkHelper slirp4netns(const Network& network, const host::Facts& facts, const IdMaps& ids) {
  NetworkHelper helper{.program = facts.network->slirp4netns,
                       .argv = {"slirp4netns", "--configure", "--enable-ipv6", "--mtu=65520",
                                "--disable-host-loopback", "--enable-seccomp", "--ready-fd=0", "--exit-fd=1"},
                       .up = NetworkUp::kByteOnStdin,
                       .tried_ports = {},
                       .name_server = std::string(kServerOfSlirp),
                       .origin = network.origin};
  // For which it becomes root inside.
  if (has_inside(ids.users, 0) && has_inside(ids.groups, 0)) helper.argv.emplace_back("--enable-sandbox");
  helper.argv.insert(helper.argv.end(), {std::string(kContainerPid), "tap0"});
  return helper;
}

Error is_missing(const Network& network, std::string_view program, std::string_view package) {
  return Error(cat("use ", network.origin.text), cat(program, " is not installed"))
      .with_hint(cat("it is in the package ", package));
}

// A port asks for pasta, whichever program was named.
Status check_slirp(const Network& network, bool is_by_itself) {
  const Origin* port = nullptr;
  if (!network.host_ports.empty()) port = &network.host_ports.front().origin;
  if (!network.published.empty()) port = &network.published.front().origin;
  if (port == nullptr) return {};
  if (is_by_itself)
    return Error(cat("use ", port->text), "pasta is not installed, and kelp leads no ports by slirp4netns")
        .with_hint("it is in the package passt");
  return Error(cat("use ", port->text), "kelp leads no ports by slirp4netns")
      .with_hint("--network=pasta can do it");
}

void note_reach(const Network& network, Policy& policy) {
  std::string but;
  for (const HostPort& port : network.host_ports)
    but += cat(but.empty() ? " but port " : ", ", port.port, "/", transport_name(port.transport));
  policy.push_back({.what = cat("nothing of the host's loopback", but), .fence = Fence::kNetwork});
}

}  // namespace

std::string name_server_inside(const Spec& spec, const host::Facts& facts) {
  const auto& wanted = std::get<HelperConnection>(spec.network.connection);
  return std::string(takes_slirp(wanted, *facts.network) ? kServerOfSlirp : kServerOfPasta);
}

Status plan_network(const Spec& spec, const host::Facts& facts, const IdMaps& ids, Plan& plan) {
  const Network& network = spec.network;
  if (const auto* joined = std::get_if<JoinedNetwork>(&network.connection)) {
    plan.joined_network = NetworkToJoin{.path = joined->path, .origin = network.origin};
    return {};
  }
  const auto* wanted = std::get_if<HelperConnection>(&network.connection);
  if (wanted == nullptr || !facts.network) return {};
  const host::NetworkFacts& found = *facts.network;
  if (found.pasta.empty() && wanted->program == Program::kPasta) return is_missing(network, "pasta", "passt");
  if (found.slirp4netns.empty() && takes_slirp(*wanted, found)) {
    if (wanted->program == Program::kSlirp4netns) return is_missing(network, "slirp4netns", "slirp4netns");
    return Error(cat("use ", network.origin.text), "neither pasta nor slirp4netns is installed")
        .with_hint("pasta is in the package passt");
  }
  if (takes_slirp(*wanted, found)) {
    if (Status s = check_slirp(network, wanted->program == Program::kAny); !s) return s;
    plan.network = slirp4netns(network, facts, ids);
  } else {
    plan.network = pasta(network, facts);
  }
  note_reach(network, plan.policy);
  return {};
}

}  // namespace kelp::plan
