// SPDX-License-Identifier: Apache-2.0
// A container's saved config.json with other limits; see edited.h.
#include "oci/edited.h"

#include "base/text.h"
#include "formats/json_reader.h"

namespace kelp::oci {
namespace {

using formats::Json;

// An object under that name, whatever was there.
Json& object_in(Json& around, const char* key) {
  Json& value = around[key];
  if (!value.is_object()) value = Json::object();
  return value;
}

Result<Json> parse_object(std::string_view text, std::string_view document) {
  Result<Json> json = formats::parse_json(text, document);
  if (json && !json->is_object()) return Error(cat("read ", document), "it is not a JSON object");
  return json;
}

// A number of update's flags, of which some may be below zero: -1 is no limit.
Status set_number(Json& object, const char* key, const std::optional<std::string>& word,
                  std::string_view flag) {
  if (!word) return {};
  const bool is_negative = word->starts_with('-');
  const std::string_view digits = std::string_view(*word).substr(is_negative ? 1 : 0);
  const std::optional<std::uint64_t> number = read_decimal(digits, INT64_MAX);
  if (!number) return refusal(cat("invalid value ", shell_quoted(*word), " for flag --", flag));
  object[key] = is_negative ? -static_cast<std::int64_t>(*number) : static_cast<std::int64_t>(*number);
  return {};
}

Result<Json> resources_of(const Arguments& arguments) {
  struct Row {
    const char* object;
    const char* key;
    const std::optional<std::string>& word;
    std::string_view flag;
  };
  const Row rows[] = {{"memory", "limit", arguments.memory, "memory"},
                      {"memory", "reservation", arguments.memory_reservation, "memory-reservation"},
                      {"memory", "swap", arguments.memory_swap, "memory-swap"},
                      {"cpu", "shares", arguments.cpu_share, "cpu-share"},
                      {"cpu", "quota", arguments.cpu_quota, "cpu-quota"},
                      {"cpu", "period", arguments.cpu_period, "cpu-period"},
                      {"cpu", "burst", arguments.cpu_burst, "cpu-burst"},
                      {"cpu", "idle", arguments.cpu_idle, "cpu-idle"},
                      {"pids", "limit", arguments.pids_limit, "pids-limit"},
                      {"blockIO", "weight", arguments.blkio_weight, "blkio-weight"}};
  Json resources = Json::object();
  for (const Row& row : rows) {
    if (!row.word) continue;
    if (Status s = set_number(object_in(resources, row.object), row.key, row.word, row.flag); !s)
      return s.error();
  }
  if (arguments.cpuset_cpus) object_in(resources, "cpu")["cpus"] = *arguments.cpuset_cpus;
  if (arguments.cpuset_mems) object_in(resources, "cpu")["mems"] = *arguments.cpuset_mems;
  return resources;
}

std::string text_of(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

}  // namespace

Result<std::string> config_for_update(std::string_view config, const Arguments& arguments,
                                      const std::optional<std::string>& resources) {
  Result<Json> json = parse_object(config, "config.json");
  if (!json) return json.error();
  Result<Json> wanted = resources ? parse_object(*resources, "the resources") : resources_of(arguments);
  if (!wanted) return wanted.error();
  object_in(*json, "linux")["resources"] = std::move(*wanted);
  return text_of(*json);
}

}  // namespace kelp::oci
