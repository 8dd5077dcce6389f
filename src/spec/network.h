// SPDX-License-Identifier: Apache-2.0
// What connects the network of a container: nothing, a program of the host's, or a network namespace that
// exists already. Whether the network namespace is new is told by Spec::new_namespaces.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "spec/origin.h"

namespace kelp {

// The host's network as it is, or nothing but the loopback device of a new one.
struct NoConnection {
  bool operator==(const NoConnection&) const = default;
};

// A program in the host's network that passes on what a device in the new one sends, as an ordinary user may.
struct HelperConnection {
  enum class Program { kAny, kPasta, kSlirp4netns };
  Program program = Program::kAny;        // kAny: pasta, else slirp4netns
  std::vector<std::string> options = {};  // of pasta, as it takes them
  bool operator==(const HelperConnection&) const = default;
};

// The network namespace of this file.
struct JoinedNetwork {
  std::string path;
  bool operator==(const JoinedNetwork&) const = default;
};

enum class Transport : std::uint8_t { kTcp, kUdp };
inline constexpr const char* transport_name(Transport transport) {
  return transport == Transport::kTcp ? "tcp" : "udp";
}

// Ports of the host that lead into the container: `count` of them, one to one.
struct PublishedPorts {
  std::string address;  // of the host, in numbers; empty: all of them
  std::uint16_t host = 0;
  std::uint16_t inside = 0;
  std::uint16_t count = 1;
  Transport transport = Transport::kTcp;
  Origin origin = {};
  bool operator==(const PublishedPorts&) const = default;
};

// A port of the host's loopback that the container reaches at the same port of its own.
struct HostPort {
  std::uint16_t port = 0;
  Transport transport = Transport::kTcp;
  Origin origin = {};
  bool operator==(const HostPort&) const = default;
};

struct Network {
  std::variant<NoConnection, HelperConnection, JoinedNetwork> connection;
  std::vector<PublishedPorts> published = {};
  std::vector<HostPort> host_ports = {};
  Origin origin = {};
  bool has_helper() const { return std::holds_alternative<HelperConnection>(connection); }
  bool operator==(const Network&) const = default;
};

}  // namespace kelp
