// SPDX-License-Identifier: Apache-2.0
// A container's saved config.json as a later command changes it; see edited.h.
#include "oci/edited.h"

#include <algorithm>

#include "base/text.h"
#include "formats/json_reader.h"
#include "spec/capabilities.h"
#include "spec/ids.h"

namespace kelp::oci {
namespace {

using formats::Json;

// An object under that name, whatever was there.
Json& object_in(Json& around, const char* key) {
  Json& value = around[key];
  if (!value.is_object()) value = Json::object();
  return value;
}

void append(Json& object, const char* key, const std::vector<std::string>& texts) {
  Json& list = object[key];
  if (!list.is_array()) list = Json::array();
  for (const std::string& text : texts)
    if (std::find(list.begin(), list.end(), text) == list.end()) list.push_back(text);
}

Error not_an_id(std::string_view flag, std::string_view word) {
  return refusal(cat("invalid value ", shell_quoted(word), " for flag ", flag, ": ids are numbers"));
}

Status set_user(Json& process, const Arguments& arguments) {
  Json& user = object_in(process, "user");
  if (arguments.user) {
    const std::vector<std::string_view> parts = split(*arguments.user, ':');
    const std::optional<std::uint64_t> uid = read_decimal(parts[0], kMaxId);
    if (!uid || parts.size() > 2) return not_an_id("--user", *arguments.user);
    user["uid"] = *uid;
    if (parts.size() == 2) {
      const std::optional<std::uint64_t> gid = read_decimal(parts[1], kMaxId);
      if (!gid) return not_an_id("--user", *arguments.user);
      user["gid"] = *gid;
    }
  }
  for (const std::string& word : arguments.additional_gids) {
    const std::optional<std::uint64_t> gid = read_decimal(word, kMaxId);
    if (!gid) return not_an_id("--additional-gids", word);
    if (!user["additionalGids"].is_array()) user["additionalGids"] = Json::array();
    user["additionalGids"].push_back(*gid);
  }
  return {};
}

// One who is not root has over an execve only what is ambient, and that must be inheritable.
Status add_capabilities(Json& process, const std::vector<std::string>& names) {
  if (names.empty()) return {};
  for (const std::string& name : names) {
    if (!name.starts_with("CAP_") || !read_capability(name))
      return refusal(
          cat("invalid value ", shell_quoted(name), " for flag --cap: there is no such capability"));
  }
  Json& sets = object_in(process, "capabilities");
  for (const char* set : {"bounding", "effective", "permitted"}) append(sets, set, names);
  const Json& user = process["user"];
  if (user.is_object() && user.contains("uid") && user["uid"] == 0) return {};
  for (const char* set : {"inheritable", "ambient"}) append(sets, set, names);
  return {};
}

Status change_process(Json& process, const Arguments& arguments) {
  process["args"] = arguments.words;
  process["terminal"] = arguments.tty;
  if (!arguments.tty) process.erase("consoleSize");
  if (arguments.cwd) process["cwd"] = *arguments.cwd;
  if (arguments.apparmor) process["apparmorProfile"] = *arguments.apparmor;
  if (arguments.process_label) process["selinuxLabel"] = *arguments.process_label;
  if (arguments.no_new_privs) process["noNewPrivileges"] = true;
  Json& environment = process["env"];
  if (!environment.is_array()) environment = Json::array();
  for (const std::string& variable : arguments.env) environment.push_back(variable);
  if (Status s = set_user(process, arguments); !s) return s;
  return add_capabilities(process, arguments.caps);
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

Result<std::string> config_for_exec(std::string_view config, const Arguments& arguments,
                                    const std::optional<std::string>& process) {
  Result<Json> json = parse_object(config, "config.json");
  if (!json) return json.error();
  if (process) {
    Result<Json> given = parse_object(*process, "the process");
    if (!given) return given.error();
    (*json)["process"] = std::move(*given);
  } else if (Status s = change_process(object_in(*json, "process"), arguments); !s) {
    return s.error();
  }
  return text_of(*json);
}

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
