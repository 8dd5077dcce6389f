// SPDX-License-Identifier: Apache-2.0
// An object of config.json with its JSON path. What is absent is null, what is of the wrong type is noted as
// a problem and reads as absent: so a section's reader is its fields, and every problem is found. Inside oci/
// only.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "formats/json_place.h"

namespace kelp::oci {

using formats::Json;
using formats::JsonPlace;
using Problems = std::vector<Error>;

class Section {
 public:
  // The whole document; `json` and `problems` must outlive all that comes out of it.
  Section(const Json& json, JsonPlace at, Problems& problems);

  explicit operator bool() const { return json_ != nullptr; }
  bool has(const char* key) const;
  const std::string& path() const { return at_.path; }
  std::string path_of(std::string_view key) const { return at_.member(key).path; }

  std::optional<std::string> text(const char* key) const;
  std::optional<bool> flag(const char* key) const;
  std::optional<std::uint64_t> number(const char* key, std::uint64_t most) const;
  std::optional<std::int64_t> integer(const char* key, std::int64_t least, std::int64_t most) const;
  std::vector<std::string> texts(const char* key) const;
  Section object(const char* key) const;
  std::vector<Section> objects(const char* key) const;  // a list of them
  // A map from names to anything: each name with its value, which is an object or reads as absent.
  void each_object(const char* key, const std::function<void(const std::string&, const Section&)>& use) const;
  void each_text(const char* key,
                 const std::function<void(const std::string&, const std::string&)>& use) const;
  // The value itself, for a reader of another folder.
  const Json* value(const char* key) const;
  const Json* json() const { return json_; }
  const JsonPlace& place() const { return at_; }

  // Those that must be there.
  std::string needed_text(const char* key) const;
  std::uint64_t needed_number(const char* key, std::uint64_t most) const;

  void refuse(std::string_view key, std::string_view reason) const;
  void refuse(std::string_view key, std::size_t index, std::string_view reason) const;
  void refuse(std::string_view reason) const;  // the object as a whole
  void note(Error problem) const { problems_->push_back(std::move(problem)); }

 private:
  Section(const Json* json, JsonPlace at, Problems* problems);
  const Json* json_;  // an object; null: absent
  JsonPlace at_;
  Problems* problems_;
};

}  // namespace kelp::oci
