// SPDX-License-Identifier: Apache-2.0
// Values out of JSON that somebody wrote: each refusal names the path to the value, and what is not known is
// refused. Inside formats/ and oci/ only.
#pragma once

#include <nlohmann/json.hpp>

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "formats/json_place.h"

namespace kelp::formats {

// Never throws; a refusal says at which line and column the text stops being JSON.
Result<Json> parse_json(std::string_view text, std::string_view document);

// That it is an object, with no other members than these.
Status check_keys(const Json& object, const JsonPlace& place, std::initializer_list<std::string_view> known);

// Null for what is absent; JSON's own null counts as absent (Go writes it for empty lists).
const Json* member(const Json& object, const char* key);

Result<std::string> text_of(const Json& value, const JsonPlace& place);
// A whole number from 0 to `most`.
Result<std::uint64_t> number_of(const Json& value, const JsonPlace& place, std::uint64_t most);
Result<std::vector<std::string>> texts_of(const Json& value, const JsonPlace& place);

}  // namespace kelp::formats
