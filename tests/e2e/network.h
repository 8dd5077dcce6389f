// SPDX-License-Identifier: Apache-2.0
// Servers and clients on either side of a container's network, over the loopback only.
#pragma once

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>
#include <cstring>
#include <random>
#include <string>

#include "container.h"

namespace kelp::harness {

/// What a program of the host's needs to connect a container; a container around kelp brings no device.
#define NEEDS_NETWORK(program)                                                                              \
  KELP_ONLY_AS("a container has no /dev/net/tun", "user", "noranges", "root");                              \
  KELP_REQUIRE(::kelp::harness::has_program(program), std::string(program) + " is not installed");          \
  KELP_REQUIRE(::access("/dev/net/tun", R_OK | W_OK) == 0, "/dev/net/tun is missing or may not be opened"); \
  KELP_REQUIRE(::kelp::harness::has_default_route(), "no interface has a default route")

/// Without one pasta knows no address to give to the container.
inline bool has_default_route() {
  for (const char* family : {"-4", "-6"}) {
    if (!run({"ip", family, "route", "show", "default"}).out.empty()) return true;
  }
  return false;
}

inline bool has_ipv6_loopback() {
  sockaddr_in6 address{};
  address.sin6_family = AF_INET6;
  address.sin6_addr = in6addr_loopback;
  const int fd = ::socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  const bool has = fd >= 0 && ::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  ::close(fd);
  return has;
}

/// A port that nobody has at this moment, neither of TCP nor of UDP. Below those that the kernel gives to
/// whoever connects: another test could have it a moment later.
inline std::string free_port() {
  static std::mt19937 random(std::random_device{}());
  for (;;) {
    sockaddr_in6 address{};
    address.sin6_family = AF_INET6;
    address.sin6_port = htons(std::uniform_int_distribution<std::uint16_t>(20000, 30000)(random));
    const int tcp = ::socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const int udp = ::socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    const auto* const place = reinterpret_cast<const sockaddr*>(&address);
    const bool is_free = ::bind(tcp, place, sizeof address) == 0 && ::bind(udp, place, sizeof address) == 0;
    ::close(tcp);
    ::close(udp);
    if (is_free) return std::to_string(ntohs(address.sin6_port));
  }
}

/// A server of the host's that answers each word to whoever asks.
inline Argv server(const std::string& transport, const std::string& address, const std::string& port,
                   const Argv& words) {
  Argv argv = {payload("peer"), "listen", transport, address, port};
  argv.insert(argv.end(), words.begin(), words.end());
  return argv;
}
inline std::string ask(const std::string& transport, const std::string& address, const std::string& port) {
  return run({payload("peer"), "ask", transport, address, port}).out;
}

/// kelp run OPTIONS ROOT /payload WORDS..., still running.
inline Argv peer_inside(const Argv& options, const Argv& words) {
  Argv argv = {kelp_binary(), "run"};
  const Argv shared = share_payload("peer", options);
  argv.insert(argv.end(), shared.begin(), shared.end());
  argv.insert(argv.end(), {small_root(), "/payload"});
  argv.insert(argv.end(), words.begin(), words.end());
  return argv;
}
inline std::string ask_inside(const Argv& options, const std::string& transport, const std::string& address,
                              const std::string& port) {
  const Outcome outcome = run(peer_inside(options, {"ask", transport, address, port}));
  return outcome.out + outcome.err;
}

}  // namespace kelp::harness
