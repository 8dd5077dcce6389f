// SPDX-License-Identifier: Apache-2.0
// A CDI file as a whole, and the names of devices; see cdi.h.
#include "formats/cdi.h"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "base/text.h"
#include "formats/cdi_edits.h"
#include "formats/json_reader.h"

namespace kelp::formats {
namespace {

struct Version {
  std::uint64_t major_number = 0, minor_number = 0;
};

constexpr std::uint64_t kNewestMajor = 1, kNewestMinor = 1;

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_alphanumeric(char c) { return is_letter(c) || is_digit(c); }

bool consists_of(std::string_view text, std::string_view others) {
  return std::ranges::all_of(
      text, [&](char c) { return is_alphanumeric(c) || others.find(c) != std::string_view::npos; });
}

bool is_vendor(std::string_view text) {
  return !text.empty() && text.size() <= 253 && is_letter(text.front()) && is_alphanumeric(text.back()) &&
         consists_of(text, "_-.");
}
bool is_class(std::string_view text) {
  return !text.empty() && text.size() <= 63 && is_letter(text.front()) && is_alphanumeric(text.back()) &&
         consists_of(text, "_-.");
}
bool is_device(std::string_view text) {
  return !text.empty() && is_alphanumeric(text.front()) && is_alphanumeric(text.back()) &&
         consists_of(text, "_-.:");
}
bool is_kind(std::string_view text) {
  const std::size_t slash = text.find('/');
  return slash != std::string_view::npos && is_vendor(text.substr(0, slash)) &&
         is_class(text.substr(slash + 1));
}

// "0.6.0", which may have a v in front.
std::optional<Version> read_version(std::string_view text) {
  if (text.starts_with('v')) text.remove_prefix(1);
  const std::vector<std::string_view> parts = split(text, '.');
  if (parts.size() != 3 || !read_decimal(parts[2], 9999)) return std::nullopt;
  const auto major_number = read_decimal(parts[0], 9999);
  const auto minor_number = read_decimal(parts[1], 9999);
  if (!major_number || !minor_number) return std::nullopt;
  return Version{.major_number = *major_number, .minor_number = *minor_number};
}

Status check_version(const Json& object, const JsonPlace& at) {
  Result<std::string> text = needed_text(object, at, "cdiVersion");
  if (!text) return text.error();
  const JsonPlace place = at.member("cdiVersion");
  const auto version = read_version(*text);
  if (!version) return place.wrong(cat("'", *text, "' is no version"));
  const bool is_newer = version->major_number > kNewestMajor ||
                        (version->major_number == kNewestMajor && version->minor_number > kNewestMinor);
  if (is_newer)
    return place.wrong(cat("kelp knows versions up to ", kNewestMajor, ".", kNewestMinor, ", not ", *text));
  return {};
}

Result<CdiDevice> device_of(const Json& object, const JsonPlace& at) {
  if (Status s = check_keys(object, at, {"name", "annotations", "containerEdits"}); !s) return s.error();
  Result<std::string> name = needed_text(object, at, "name");
  if (!name) return name.error();
  if (!is_device(*name)) return at.member("name").wrong(cat("'", *name, "' is no name of a device"));
  CdiDevice device{.name = *std::move(name), .edits = {}};
  if (const Json* edits = member(object, "containerEdits"); edits != nullptr) {
    Result<CdiEdits> read = cdi_edits_of(*edits, at.member("containerEdits"));
    if (!read) return read.error();
    device.edits = *std::move(read);
  }
  return device;
}

Status read_devices(const Json& object, const JsonPlace& top, CdiFile& file) {
  const JsonPlace at = top.member("devices");
  const Json* list = member(object, "devices");
  if (list == nullptr) return at.wrong("it is missing");
  if (!list->is_array()) return at.wrong("it is no list");
  if (list->empty()) return at.wrong("it is empty");
  std::set<std::string> names;
  for (std::size_t i = 0; i < list->size(); ++i) {
    Result<CdiDevice> device = device_of((*list)[i], at.element(i));
    if (!device) return device.error();
    if (!names.insert(device->name).second)
      return at.element(i).member("name").wrong(cat("'", device->name, "' comes twice"));
    file.devices.push_back(*std::move(device));
  }
  return {};
}

}  // namespace

Result<std::string> needed_text(const Json& object, const JsonPlace& at, const char* key) {
  const Json* value = member(object, key);
  if (value == nullptr) return at.member(key).wrong("it is missing");
  return text_of(*value, at.member(key));
}

Result<std::string> optional_text(const Json& object, const JsonPlace& at, const char* key) {
  const Json* value = member(object, key);
  if (value == nullptr) return std::string();
  return text_of(*value, at.member(key));
}

Result<CdiFile> read_cdi(std::string_view json, std::string_view name) {
  const Result<Json> object = parse_json(json, name);
  if (!object) return object.error();
  const JsonPlace top{.document = name};
  if (Status s = check_keys(*object, top, {"cdiVersion", "kind", "annotations", "devices", "containerEdits"});
      !s)
    return s.error();
  if (Status s = check_version(*object, top); !s) return s.error();
  Result<std::string> kind = needed_text(*object, top, "kind");
  if (!kind) return kind.error();
  if (!is_kind(*kind)) return top.member("kind").wrong(cat("'", *kind, "' is not VENDOR/CLASS"));
  CdiFile file{.kind = *std::move(kind), .edits = {}, .devices = {}};
  if (const Json* edits = member(*object, "containerEdits"); edits != nullptr) {
    Result<CdiEdits> read = cdi_edits_of(*edits, top.member("containerEdits"));
    if (!read) return read.error();
    file.edits = *std::move(read);
  }
  if (Status s = read_devices(*object, top, file); !s) return s.error();
  return file;
}

bool looks_like_cdi_name(std::string_view text) {
  return !text.starts_with('/') && !text.starts_with('.') && text.find('=') != std::string_view::npos;
}

Result<CdiName> read_cdi_name(std::string_view text) {
  const std::size_t equals = text.find('=');
  const std::string_view kind = text.substr(0, equals);
  const std::string_view device =
      equals == std::string_view::npos ? std::string_view() : text.substr(equals + 1);
  const std::string action = cat("read ", text);
  if (!is_kind(kind)) return Error(action, cat("'", kind, "' is not VENDOR/CLASS"));
  if (!is_device(device)) return Error(action, cat("'", device, "' is no name of a device"));
  return CdiName{.kind = std::string(kind), .device = std::string(device)};
}

}  // namespace kelp::formats
