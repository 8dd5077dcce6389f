// SPDX-License-Identifier: Apache-2.0
// What the flags of `kelp run` about the network, names and addresses do.
#include <algorithm>
#include <array>
#include <utility>

#include "base/text.h"
#include "cli/draft.h"
#include "cli/values.h"

namespace kelp::cli {
namespace {

// What pasta may be told besides what kelp tells it. Not here: what joins namespaces, writes files, or lets
// more of the host be reached than was asked for; and ports, which have flags of their own.
struct PastaOption {
  std::string_view name;
  std::string_view shorter;
  bool has_value;
};
constexpr auto kPastaOptions = std::to_array<PastaOption>({
    {"--address", "-a", true},    {"--dhcp-dns", "", false},   {"--dhcp-search", "", false},
    {"--gateway", "-g", true},    {"--interface", "-i", true}, {"--ipv4-only", "-4", false},
    {"--ipv6-only", "-6", false}, {"--mac-addr", "-M", true},  {"--mtu", "-m", true},
    {"--netmask", "-n", true},    {"--no-dhcp", "", false},    {"--no-dhcpv6", "", false},
    {"--no-icmp", "", false},     {"--no-ndp", "", false},     {"--no-ra", "", false},
    {"--no-tcp", "", false},      {"--no-udp", "", false},     {"--ns-ifname", "-I", true},
    {"--ns-mac-addr", "", true},  {"--outbound", "-o", true},  {"--outbound-if4", "", true},
    {"--outbound-if6", "", true},
});

// What else is to be written where one is refused that pasta has.
std::string instead_of(std::string_view option) {
  for (const std::string_view ports : {"-t", "-u", "--tcp-ports", "--udp-ports"}) {
    if (option == ports) return "-p HOST:INSIDE publishes a port";
  }
  for (const std::string_view out :
       {"-T", "-U", "--tcp-ns", "--udp-ns", "--map-gw", "--map-host-loopback", "--map-guest-addr"}) {
    if (option == out) return "--host-port N reaches one port of the host's loopback";
  }
  if (option.starts_with("--dns")) return "--dns ADDRESS names a name server";
  return {};
}

Result<std::vector<std::string>> read_pasta_options(std::string_view text, const std::string& typed) {
  std::vector<std::string> words;
  bool wants_value = false;
  for (const std::string_view word : split(text, ',')) {
    if (std::exchange(wants_value, false)) {
      words.emplace_back(word);
      continue;
    }
    const std::size_t equals = word.starts_with("--") ? word.find('=') : std::string_view::npos;
    const std::string_view name = word.substr(0, equals);
    const auto* const known = std::ranges::find_if(kPastaOptions, [=](const PastaOption& option) {
      return name == option.name || (!name.empty() && name == option.shorter);
    });
    if (known == kPastaOptions.end()) {
      return Error(cat("use ", typed), cat("'", name, "' is no option of pasta that kelp passes on"))
          .with_hint(instead_of(name));
    }
    if (equals != std::string_view::npos && !known->has_value)
      return Error(cat("read ", typed), cat(name, " takes no value"));
    words.emplace_back(known->name);
    if (equals != std::string_view::npos) words.emplace_back(word.substr(equals + 1));
    wants_value = known->has_value && equals == std::string_view::npos;
  }
  if (wants_value) return Error(cat("read ", typed), cat(words.back(), " takes a value"));
  return words;
}

Status join_container(Draft& draft, std::string_view name, const std::string& typed) {
  if (!draft.around.network_of) return Error(cat("read ", typed), "no container is known here");
  Result<ContainerNetwork> found = draft.around.network_of(std::string(name));
  if (!found) return std::move(found.error()).after(typed);
  draft.joined = Draft::Joined{.network = std::move(*found), .typed = typed};
  draft.request.spec.network.connection = NoConnection{};
  return {};
}

}  // namespace

// Of several the last one counts.
Status apply_network(Draft& draft, const Given& given) {
  using Program = HelperConnection::Program;
  const std::string_view value = *given.value;
  const std::size_t colon = value.find(':');
  const std::string_view word = value.substr(0, colon);
  const bool is_plain = colon == std::string_view::npos;
  const std::string_view rest = is_plain ? std::string_view() : value.substr(colon + 1);
  Network& network = draft.request.spec.network;
  bool is_new = true;
  draft.joined.reset();
  if (is_plain && (word == "none" || word == "host")) {
    network.connection = NoConnection{};
    is_new = word == "none";
  } else if (word == "pasta") {
    HelperConnection helper{.program = Program::kPasta};
    if (!is_plain) {
      Result<std::vector<std::string>> options = read_pasta_options(rest, given.typed);
      if (!options) return options.error();
      helper.options = std::move(*options);
    }
    network.connection = std::move(helper);
  } else if (is_plain && word == "slirp4netns") {
    network.connection = HelperConnection{.program = Program::kSlirp4netns};
  } else if (word == "ns" && !rest.empty()) {
    network.connection = JoinedNetwork{.path = std::string(rest)};
    is_new = false;
  } else if (word == "container" && !rest.empty()) {
    if (Status s = join_container(draft, rest, given.typed); !s) return s;
    is_new = false;
  } else {
    return Error(cat("read ", given.typed),
                 cat("'", value,
                     "' is none of host, none, pasta[:OPTIONS], slirp4netns, ns:PATH, container:NAME"))
        .with_hint(word == "bridge" || word == "private"
                       ? "kelp makes no bridges; --network=pasta connects a container of an ordinary user"
                       : "");
  }
  network.origin = {given.typed};
  draft.own_network = {{is_new, given.typed}};
  return {};
}

// A port asks for a network that can have it.
Status finish_network(Draft& draft) {
  Network& network = draft.request.spec.network;
  if (draft.own_network || (network.published.empty() && network.host_ports.empty())) return {};
  network.origin =
      network.published.empty() ? network.host_ports.front().origin : network.published.front().origin;
  network.connection = HelperConnection{};
  draft.own_network = {{true, network.origin.text}};
  return {};
}

Status apply_dns(Draft& draft, const Given& given) {
  if (*given.value == "none") {
    draft.dns_none = {{*given.value, given.typed}};
    return {};
  }
  if (!is_address(*given.value)) {
    return Error(cat("read ", given.typed),
                 cat("'", *given.value, "' is neither an IPv4 or IPv6 address nor 'none'"));
  }
  draft.dns.push_back({*given.value, given.typed});
  return {};
}

// NAME[;NAME...]:ADDRESS. An IPv6 address has colons of its own, so the first one separates.
Status apply_add_host(Draft& draft, const Given& given) {
  const std::string_view value = *given.value;
  const std::size_t colon = value.find(':');
  if (colon == std::string_view::npos) {
    return Error(cat("read ", given.typed), "the address is missing").with_hint("--add-host NAME:ADDRESS");
  }
  std::string_view address = value.substr(colon + 1);
  if (address == "host-gateway") {
    return Error(cat("use ", given.typed), "there is no gateway to the host")
        .with_hint("--host-port N reaches port N of the host's loopback at 127.0.0.1:N");
  }
  if (address.starts_with('[') && address.ends_with(']')) address = address.substr(1, address.size() - 2);
  if (!is_address(address)) {
    return Error(cat("read ", given.typed), cat("'", address, "' is neither an IPv4 nor an IPv6 address"));
  }
  draft.host_lines += address;
  for (const std::string_view name : split(value.substr(0, colon), ';')) {
    if (!is_host_name(name)) return Error(cat("read ", given.typed), cat("'", name, "' is no host name"));
    draft.host_lines += cat('\t', name);
  }
  draft.host_lines += '\n';
  return {};
}

}  // namespace kelp::cli
