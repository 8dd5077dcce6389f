// SPDX-License-Identifier: Apache-2.0
// Where a value is in a JSON document. Without the whole of the JSON library, which takes long to compile.
// Inside formats/ and oci/ only.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <cstddef>
#include <string>
#include <string_view>

#include "base/error.h"

namespace kelp::formats {

using Json = nlohmann::json;

// A part of a document: how it is called and where it is. `syscalls[3].names`; the top has no path.
struct JsonPlace {
  std::string_view document;  // "the seccomp profile"
  std::string path = {};

  JsonPlace member(std::string_view key) const;
  JsonPlace element(std::size_t index) const;
  Error wrong(std::string_view reason) const;
};

}  // namespace kelp::formats
