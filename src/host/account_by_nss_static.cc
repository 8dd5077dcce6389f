// SPDX-License-Identifier: Apache-2.0
// NSS is code that is loaded, which a kelp that is linked statically does not: it knows the accounts of
// /etc/passwd. See accounts.h.
// Runs in: parent.
#include "host/accounts.h"

namespace kelp::host {

std::optional<Account> account_by_nss(std::uint32_t /*uid*/) { return std::nullopt; }

}  // namespace kelp::host
