// SPDX-License-Identifier: Apache-2.0
// errno as text; see failure.h. strerror() would consult the locale, which may live in a hostile root.
// Runs in: both.
#include "sys/failure.h"

#include <cstring>

#include "base/text.h"

namespace kelp::sys {

std::string reason_of(int code) {
  const char* text = strerrordesc_np(code);
  return text != nullptr ? std::string(text) : cat("error ", code);
}

bool is_shortage(int code) { return code == EMFILE || code == ENFILE || code == ENOMEM || code == EIO; }

Error failure(std::string action, int code) {
  return Error(std::move(action), reason_of(code)).with_code(code);
}

Error only_pretended(std::string action) {
  return Error(std::move(action), "root emulation around kelp says that it was done, and does not do it")
      .with_hint("start the container around this one with --fake-root=off");
}

}  // namespace kelp::sys
