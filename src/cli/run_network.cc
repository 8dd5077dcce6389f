// SPDX-License-Identifier: Apache-2.0
// What the flags of `kelp run` about names and addresses do.
#include "base/text.h"
#include "cli/draft.h"
#include "cli/values.h"

namespace kelp::cli {

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
    return Error(cat("use ", given.typed), "there is no gateway to the host in this version")
        .with_hint("with --network=host the host itself is 127.0.0.1");
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
