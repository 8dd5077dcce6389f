// SPDX-License-Identifier: Apache-2.0
// What the flags of `kelp run` about ports of the container's own network do.
#include <optional>
#include <utility>

#include "base/text.h"
#include "cli/draft.h"
#include "cli/values.h"

namespace kelp::cli {
namespace {

constexpr std::uint64_t kMostPort = 65535;

struct PortRange {
  std::uint16_t first = 0;
  std::uint16_t last = 0;
};

std::optional<std::uint16_t> read_port(std::string_view text) {
  const auto port = read_decimal(text, kMostPort);
  if (!port || *port == 0) return std::nullopt;
  return static_cast<std::uint16_t>(*port);
}

// "80" or "80-90".
Result<PortRange> read_ports(std::string_view text, const std::string& typed) {
  const std::size_t dash = text.find('-');
  const auto first = read_port(text.substr(0, dash));
  const auto last = dash == std::string_view::npos ? first : read_port(text.substr(dash + 1));
  if (!first || !last || *last < *first) {
    return Error(cat("read ", typed), cat("'", text, "' is no port, nor FIRST-LAST (1 to 65535)"));
  }
  return PortRange{.first = *first, .last = *last};
}

// What follows the last slash; tcp where there is none.
Result<Transport> take_transport(std::string_view& text, const std::string& typed) {
  const std::size_t slash = text.rfind('/');
  if (slash == std::string_view::npos) return Transport::kTcp;
  const std::string_view name = text.substr(slash + 1);
  text = text.substr(0, slash);
  if (name == "tcp") return Transport::kTcp;
  if (name == "udp") return Transport::kUdp;
  return Error(cat("read ", typed), cat("'", name, "' is neither tcp nor udp"));
}

// The address in front of the ports, which for IPv6 is in brackets.
Result<std::string> take_address(std::string_view& text, const std::string& typed) {
  std::string_view address;
  if (text.starts_with('[')) {
    const std::size_t end = text.find("]:");
    if (end == std::string_view::npos) return Error(cat("read ", typed), "no ']:' follows the '['");
    address = text.substr(1, end - 1);
    text.remove_prefix(end + 2);
  } else {
    const std::size_t colon = text.find(':');
    if (colon == std::string_view::npos || text.find(':', colon + 1) == std::string_view::npos)
      return std::string();
    address = text.substr(0, colon);
    text.remove_prefix(colon + 1);
  }
  if (is_address(address)) return std::string(address);
  return Error(cat("read ", typed), cat("'", address, "' is no address of this machine in numbers"));
}

}  // namespace

Status apply_publish(Draft& draft, const Given& given) {
  std::string_view text = *given.value;
  const Result<Transport> transport = take_transport(text, given.typed);
  if (!transport) return transport.error();
  Result<std::string> address = take_address(text, given.typed);
  if (!address) return address.error();
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos || colon == 0) {
    return Error(cat("read ", given.typed), "kelp chooses no port of the host")
        .with_hint(cat("name both: -p HOST:", text.substr(colon == 0 ? 1 : 0)));
  }
  const Result<PortRange> host = read_ports(text.substr(0, colon), given.typed);
  if (!host) return host.error();
  const Result<PortRange> inside = read_ports(text.substr(colon + 1), given.typed);
  if (!inside) return inside.error();
  if (host->last - host->first != inside->last - inside->first)
    return Error(cat("read ", given.typed), "the two ranges are not of one length");
  draft.request.spec.network.published.push_back(
      {.address = std::move(*address),
       .host = host->first,
       .inside = inside->first,
       .count = static_cast<std::uint16_t>(host->last - host->first + 1),
       .transport = *transport,
       .origin = {given.typed}});
  return {};
}

Status apply_host_port(Draft& draft, const Given& given) {
  std::string_view text = *given.value;
  const Result<Transport> transport = take_transport(text, given.typed);
  if (!transport) return transport.error();
  const auto port = read_port(text);
  if (!port) return Error(cat("read ", given.typed), cat("'", text, "' is no port (1 to 65535)"));
  draft.request.spec.network.host_ports.push_back(
      {.port = *port, .transport = *transport, .origin = {given.typed}});
  return {};
}

}  // namespace kelp::cli
