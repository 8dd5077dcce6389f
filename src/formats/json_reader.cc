// SPDX-License-Identifier: Apache-2.0
// Values out of JSON; see json_reader.h.
#include "formats/json_reader.h"

#include <algorithm>

#include "base/text.h"

namespace kelp::formats {

JsonPlace JsonPlace::member(std::string_view key) const {
  return {.document = document, .path = path.empty() ? std::string(key) : cat(path, ".", key)};
}

JsonPlace JsonPlace::element(std::size_t index) const {
  return {.document = document, .path = cat(path, "[", index, "]")};
}

Error JsonPlace::wrong(std::string_view reason) const {
  return Error(cat("read ", document), cat(path.empty() ? "the top" : path, ": ", reason));
}

Result<Json> parse_json(std::string_view text, std::string_view document) {
  // What it throws stays in this folder.
  try {
    return Json::parse(text);
  } catch (const Json::exception& error) {
    // "[json.exception.parse_error.101] parse error at line 1, column 2: ..."
    const std::string_view what = error.what();
    const std::size_t at = what.find("] ");
    return Error(cat("read ", document),
                 std::string(at == std::string_view::npos ? what : what.substr(at + 2)));
  }
}

Status check_keys(const Json& object, const JsonPlace& place, std::initializer_list<std::string_view> known) {
  if (!object.is_object()) return place.wrong("it is no object");
  for (const auto& item : object.items()) {
    if (std::find(known.begin(), known.end(), item.key()) == known.end())
      return place.member(item.key()).wrong("kelp does not know it");
  }
  return {};
}

const Json* member(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found == object.end() || found->is_null() ? nullptr : &*found;
}

Result<std::string> text_of(const Json& value, const JsonPlace& place) {
  if (!value.is_string()) return place.wrong("it is no text");
  return value.get<std::string>();
}

Result<std::uint64_t> number_of(const Json& value, const JsonPlace& place, std::uint64_t most) {
  if (!value.is_number_unsigned()) return place.wrong("it is no whole number from 0 on");
  const auto number = value.get<std::uint64_t>();
  if (number > most) return place.wrong(cat(number, " is more than ", most));
  return number;
}

Result<std::vector<std::string>> texts_of(const Json& value, const JsonPlace& place) {
  if (!value.is_array()) return place.wrong("it is no list");
  std::vector<std::string> out;
  for (std::size_t i = 0; i < value.size(); ++i) {
    Result<std::string> one = text_of(value[i], place.element(i));
    if (!one) return one.error();
    out.push_back(*std::move(one));
  }
  return out;
}

}  // namespace kelp::formats
