// SPDX-License-Identifier: Apache-2.0
// Ports of the host, tried; see ports.h.
// Runs in: parent.
#include "launch/ports.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <string>
#include <utility>

#include "base/text.h"
#include "sys/failure.h"
#include "sys/files.h"
#include "sys/unique_fd.h"

namespace kelp::launch {
namespace {

struct Address {
  sockaddr_storage bytes{};
  socklen_t size = 0;
};

Address address_of(const std::string& text, std::uint16_t port) {
  Address address;
  sockaddr_in four{};
  sockaddr_in6 six{};
  four.sin_family = AF_INET;
  four.sin_port = htons(port);
  six.sin6_family = AF_INET6;
  six.sin6_port = htons(port);
  // "::" takes those of IPv4 too.
  if (!text.empty() && ::inet_pton(AF_INET, text.c_str(), &four.sin_addr) == 1) {
    std::memcpy(&address.bytes, &four, sizeof four);
    address.size = sizeof four;
  } else {
    if (!text.empty()) ::inet_pton(AF_INET6, text.c_str(), &six.sin6_addr);
    std::memcpy(&address.bytes, &six, sizeof six);
    address.size = sizeof six;
  }
  return address;
}

// 0, or errno.
int try_port(const std::string& text, std::uint16_t port, Transport transport) {
  const Address address = address_of(text, port);
  const int type = transport == Transport::kTcp ? SOCK_STREAM : SOCK_DGRAM;
  const sys::UniqueFd socket(::socket(address.bytes.ss_family, type | SOCK_CLOEXEC, 0));
  if (!socket.valid()) {
    // Without IPv6 "all addresses" are those of IPv4.
    return errno == EAFNOSUPPORT && text.empty() ? try_port("0.0.0.0", port, transport) : errno;
  }
  const int on = 1;
  // Of TCP: a connection that has ended a moment ago is in nobody's way. Two of UDP would share the port.
  if (transport == Transport::kTcp) ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address.bytes), address.size) != 0)
    return errno;
  return transport == Transport::kTcp && ::listen(socket.get(), 1) != 0 ? errno : 0;
}

std::string hint_of(std::uint16_t port, int code) {
  if (code != EACCES) return {};
  const auto text = sys::read_proc("/proc/sys/net/ipv4/ip_unprivileged_port_start");
  const auto least = text ? read_decimal(trimmed(split(*text, '\n')[0]), UINT16_MAX) : std::nullopt;
  if (!least || port >= *least) return {};
  return cat("ports below ", *least, " are the machine's root's (net.ipv4.ip_unprivileged_port_start)");
}

}  // namespace

Status try_ports(const std::vector<PublishedPorts>& ports) {
  for (const PublishedPorts& range : ports) {
    for (unsigned i = 0; i < range.count; ++i) {
      const auto port = static_cast<std::uint16_t>(range.host + i);
      const int code = try_port(range.address, port, range.transport);
      if (code == 0) continue;
      const std::string at = range.address.empty() ? "" : cat(" of ", range.address);
      return sys::failure(cat("publish ", transport_name(range.transport), " port ", port, at), code)
          .after(range.origin.text)
          .with_hint(hint_of(port, code));
    }
  }
  return {};
}

}  // namespace kelp::launch
