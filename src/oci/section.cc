// SPDX-License-Identifier: Apache-2.0
// An object of config.json; see section.h.
#include "oci/section.h"

#include <utility>

#include "base/text.h"
#include "formats/json_reader.h"

namespace kelp::oci {

Section::Section(const Json& json, JsonPlace at, Problems& problems)
    : Section(&json, std::move(at), &problems) {}

Section::Section(const Json* json, JsonPlace at, Problems* problems)
    : json_(json), at_(std::move(at)), problems_(problems) {
  if (json_ == nullptr || json_->is_object()) return;
  refuse("it is no object");
  json_ = nullptr;
}

// JSON's own null counts as absent: Go writes it for what is empty.
const Json* Section::value(const char* key) const {
  return json_ == nullptr ? nullptr : formats::member(*json_, key);
}

bool Section::has(const char* key) const { return value(key) != nullptr; }

void Section::refuse(std::string_view key, std::string_view reason) const {
  problems_->push_back(at_.member(key).wrong(reason));
}

void Section::refuse(std::string_view key, std::size_t index, std::string_view reason) const {
  problems_->push_back(at_.member(key).element(index).wrong(reason));
}

void Section::refuse(std::string_view reason) const { problems_->push_back(at_.wrong(reason)); }

std::optional<std::string> Section::text(const char* key) const {
  const Json* found = value(key);
  if (found == nullptr) return std::nullopt;
  if (found->is_string()) {
    const auto& text = found->get_ref<const std::string&>();
    // Each ends in a C string, where what follows a zero byte would silently be lost.
    if (text.find('\0') == std::string::npos) return text;
    refuse(key, "there is a zero byte in it");
  } else {
    refuse(key, "it is no text");
  }
  return std::nullopt;
}

std::optional<bool> Section::flag(const char* key) const {
  const Json* found = value(key);
  if (found == nullptr) return std::nullopt;
  if (found->is_boolean()) return found->get<bool>();
  refuse(key, "it is neither true nor false");
  return std::nullopt;
}

std::optional<std::uint64_t> Section::number(const char* key, std::uint64_t most) const {
  const Json* found = value(key);
  if (found == nullptr) return std::nullopt;
  if (!found->is_number_unsigned()) {
    refuse(key, "it is no whole number from 0 on");
    return std::nullopt;
  }
  const auto read = found->get<std::uint64_t>();
  if (read <= most) return read;
  refuse(key, cat(read, " is more than ", most));
  return std::nullopt;
}

std::optional<std::int64_t> Section::integer(const char* key, std::int64_t least, std::int64_t most) const {
  const Json* found = value(key);
  if (found == nullptr) return std::nullopt;
  const bool is_huge = found->is_number_unsigned() && found->get<std::uint64_t>() > INT64_MAX;
  if (!found->is_number_integer() || is_huge) {
    refuse(key, is_huge ? cat(found->get<std::uint64_t>(), " is more than ", most) : "it is no whole number");
    return std::nullopt;
  }
  const auto read = found->get<std::int64_t>();
  if (read >= least && read <= most) return read;
  refuse(key, read < least ? cat(read, " is less than ", least) : cat(read, " is more than ", most));
  return std::nullopt;
}

std::vector<std::string> Section::texts(const char* key) const {
  const Json* found = value(key);
  if (found == nullptr) return {};
  if (!found->is_array()) {
    refuse(key, "it is no list");
    return {};
  }
  std::vector<std::string> out;
  out.reserve(found->size());
  for (std::size_t i = 0; i < found->size(); ++i) {
    const Json& one = (*found)[i];
    if (!one.is_string()) {
      refuse(key, i, "it is no text");
      continue;
    }
    out.push_back(one.get<std::string>());
    if (out.back().find('\0') != std::string::npos) refuse(key, i, "there is a zero byte in it");
  }
  return out;
}

Section Section::object(const char* key) const {
  const Json* found = value(key);
  return {found, at_.member(key), problems_};
}

std::vector<Section> Section::objects(const char* key) const {
  const Json* found = value(key);
  if (found == nullptr) return {};
  std::vector<Section> out;
  if (!found->is_array()) {
    refuse(key, "it is no list");
    return out;
  }
  out.reserve(found->size());
  const JsonPlace list = at_.member(key);
  for (std::size_t i = 0; i < found->size(); ++i) {
    Section one(&(*found)[i], list.element(i), problems_);
    if (one) out.push_back(std::move(one));
  }
  return out;
}

void Section::each_object(const char* key,
                          const std::function<void(const std::string&, const Section&)>& use) const {
  const Section map = object(key);
  if (!map) return;
  for (const auto& item : map.json_->items()) {
    const Section one(&item.value(), map.at_.member(item.key()), problems_);
    if (one) use(item.key(), one);
  }
}

void Section::each_text(const char* key,
                        const std::function<void(const std::string&, const std::string&)>& use) const {
  const Section map = object(key);
  if (!map) return;
  for (const auto& item : map.json_->items()) {
    if (item.value().is_string()) {
      use(item.key(), item.value().get_ref<const std::string&>());
    } else {
      map.refuse(item.key(), "it is no text");
    }
  }
}

std::string Section::needed_text(const char* key) const {
  if (!has(key)) refuse(key, "it is missing");
  return text(key).value_or(std::string());
}

std::uint64_t Section::needed_number(const char* key, std::uint64_t most) const {
  if (!has(key)) refuse(key, "it is missing");
  return number(key, most).value_or(0);
}

}  // namespace kelp::oci
