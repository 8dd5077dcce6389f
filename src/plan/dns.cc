// SPDX-License-Identifier: Apache-2.0
// The resolv.conf of a network that a program connects: the host's loopback is out of reach there, and with
// it a resolver that listens on it (systemd-resolved's stub, dnsmasq).
#include <string>
#include <string_view>

#include "base/text.h"
#include "plan/mounts.h"

namespace kelp::plan {
namespace {

// The address of a "nameserver ADDRESS" line; empty: another line.
std::string_view server_of(std::string_view line) {
  constexpr std::string_view kKeyword = "nameserver";
  line = trimmed(line);
  if (!line.starts_with(kKeyword)) return {};
  line.remove_prefix(kKeyword.size());
  if (!line.starts_with(' ') && !line.starts_with('\t')) return {};
  line = trimmed(line);
  return line.substr(0, line.find_first_of(" \t"));
}

// glibc asks the host itself where an address is 0 (resolv.conf(5)).
bool is_loopback(std::string_view address) {
  return address.starts_with("127.") || address.starts_with("::ffff:127.") || address == "::1" ||
         address == "0.0.0.0" || address == "::";
}

bool is_systemd_stub(std::string_view address) { return address == "127.0.0.53" || address == "127.0.0.54"; }

struct Servers {
  bool has_any = false;
  bool has_loopback = false;
  bool has_other = false;
  bool has_stub_only = true;
};

Servers servers_of(std::string_view text) {
  Servers found;
  for (const std::string_view line : split(text, '\n')) {
    const std::string_view address = server_of(line);
    if (address.empty()) continue;
    found.has_any = true;
    found.has_loopback |= is_loopback(address);
    found.has_other |= !is_loopback(address);
    found.has_stub_only &= is_systemd_stub(address);
  }
  return found;
}

// The same, with one server instead of those that cannot be reached.
std::string with_server(std::string_view text, std::string_view server) {
  std::string out = cat("nameserver ", server, '\n');
  if (text.ends_with('\n')) text.remove_suffix(1);
  for (const std::string_view line : split(text, '\n')) {
    if (!is_loopback(server_of(line))) out += cat(line, '\n');
  }
  return out;
}

std::optional<std::string> resolv_conf_inside(const Spec& spec, const host::Facts& facts) {
  if (!spec.network.has_helper() || !facts.network) return std::nullopt;
  const std::string& own = facts.network->resolv_conf;
  const Servers servers = servers_of(own);
  // Without any line the C library asks 127.0.0.1.
  if (servers.has_any && !servers.has_loopback) return std::nullopt;
  const std::string& of_systemd = facts.network->systemd_resolv_conf;
  const Servers others = servers_of(of_systemd);
  if (servers.has_any && servers.has_stub_only && others.has_other && !others.has_loopback) return of_systemd;
  return with_server(own, name_server_inside(spec, facts));
}

}  // namespace

std::optional<std::string> content_of(const NetworkFile& file, const Spec& spec, const host::Facts& facts) {
  if (file.content || file.path != "/etc/resolv.conf") return file.content;
  return resolv_conf_inside(spec, facts);
}

}  // namespace kelp::plan
