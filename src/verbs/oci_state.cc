// SPDX-License-Identifier: Apache-2.0
// `kelp-oci state` and `kelp-oci list`, in runc's forms.
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>

#include "base/text.h"
#include "verbs/oci_place.h"
#include "verbs/oci_verbs.h"
#include "verbs/print.h"

namespace kelp::verbs {
namespace {

using Json = nlohmann::ordered_json;

pid_t pid_of(const Found& found) {
  return found.status == state::LifeStatus::kStopped ? 0 : found.record.init.pid;
}

Json object_of(const Found& found) {
  const state::Record& record = found.record;
  Json object = {{"ociVersion", record.oci_version}, {"id", record.id},         {"pid", pid_of(found)},
                 {"status", name_of(found.status)},  {"bundle", record.bundle}, {"rootfs", record.rootfs},
                 {"created", record.created}};
  if (!record.annotations.empty()) object["annotations"] = record.annotations;
  object["owner"] = record.owner;
  return object;
}

std::string text_of(const Json& json, int indent) {
  return json.dump(indent, ' ', false, Json::error_handler_t::replace) + "\n";
}

// One that goes meanwhile is not listed, nor one that cannot be read.
std::vector<Found> all_of(const state::Store& store, const std::vector<std::string>& names,
                          const OciLog& log) {
  std::vector<Found> all;
  for (const std::string& name : names) {
    Result<state::Entry> entry = store.find(name);
    if (!entry) continue;
    Result<std::optional<state::Record>> record = entry->read();
    if (!record) log.warning(record.error().sentence());
    if (!record || !*record) continue;
    const state::LifeStatus status = state::status_of(*entry, **record);
    all.push_back({.entry = std::move(*entry), .record = std::move(**record), .status = status});
  }
  return all;
}

using Row = std::array<std::string, 6>;

std::string table_of(const std::vector<Found>& all) {
  std::vector<Row> rows = {{"ID", "PID", "STATUS", "BUNDLE", "CREATED", "OWNER"}};
  for (const Found& found : all)
    rows.push_back({found.record.id, std::to_string(pid_of(found)), std::string(name_of(found.status)),
                    printable(found.record.bundle), found.record.created, printable(found.record.owner)});
  constexpr std::size_t kLeast = 12;  // as runc's columns
  constexpr std::size_t kGap = 3;
  std::array<std::size_t, 6> widths{};
  for (const Row& row : rows)
    for (std::size_t i = 0; i < row.size(); ++i)
      widths[i] = std::max({widths[i], row[i].size() + kGap, kLeast});
  std::string out;
  for (const Row& row : rows) {
    for (std::size_t i = 0; i + 1 < row.size(); ++i)
      out += cat(row[i], std::string(widths[i] - row[i].size(), ' '));
    out += cat(row.back(), "\n");
  }
  return out;
}

}  // namespace

Result<int> oci_state(const OciCall& call) {
  const Result<Found> found = find_container(call.arguments);
  if (!found) return found.error();
  return print_out(text_of(object_of(*found), 2));
}

Result<int> oci_list(const OciCall& call) {
  const Result<state::Store> store = open_store(call.arguments);
  if (!store) return store.error();
  const Result<std::vector<std::string>> names = store->names();
  if (!names) return names.error();
  const std::vector<Found> all = all_of(*store, *names, call.log);
  if (call.arguments.quiet) {
    std::string out;
    for (const Found& found : all) out += cat(found.record.id, "\n");
    return print_out(out);
  }
  if (call.arguments.format != "json") return print_out(table_of(all));
  Json list = Json::array();
  for (const Found& found : all) list.push_back(object_of(found));
  return print_out(text_of(list, -1));
}

}  // namespace kelp::verbs
