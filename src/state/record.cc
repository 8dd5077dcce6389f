// SPDX-License-Identifier: Apache-2.0
// The text of state.json; see record.h. Nothing here throws: values are looked at before they are taken.
#include "state/record.h"

#include <nlohmann/json.hpp>

#include "base/text.h"

namespace kelp::state {
namespace {

using Json = nlohmann::json;

constexpr int kVersion = 1;

Error damaged(std::string_view why) { return Error("read state.json", std::string(why)); }

// One member at a time; the first that is not what it should be is the error.
class Reader {
 public:
  explicit Reader(const Json& object) : object_(object) {}

  void take(const char* key, std::string& out) {
    const Json* const value = find(key, Json::value_t::string);
    if (value != nullptr) out = value->get_ref<const std::string&>();
  }
  void take(const char* key, bool& out) {
    const Json* const value = find(key, Json::value_t::boolean);
    if (value != nullptr) out = value->get<bool>();
  }
  template <typename Number>
  void take_number(const char* key, Number& out) {
    const Json* const value = find(key, Json::value_t::number_unsigned);
    if (value != nullptr) out = static_cast<Number>(value->get<std::uint64_t>());
  }
  void take(const char* key, std::map<std::string, std::string>& out) {
    const Json* const value = find(key, Json::value_t::object);
    if (value == nullptr) return;
    for (const auto& [name, text] : value->items()) {
      if (text.is_string())
        out.emplace(name, text.get_ref<const std::string&>());
      else
        wrong_ = cat(key, ".", name);
    }
  }
  void take(const char* key, std::vector<std::string>& out) {
    const Json* const value = find(key, Json::value_t::array);
    if (value == nullptr) return;
    for (const Json& text : *value) {
      if (text.is_string())
        out.push_back(text.get_ref<const std::string&>());
      else
        wrong_ = key;
    }
  }
  // Null: there is none.
  const Json* object(const char* key) const {
    const auto found = object_.find(key);
    return found != object_.end() && found->is_object() ? &*found : nullptr;
  }
  void take_all_of(const Reader& other) {
    if (wrong_.empty()) wrong_ = other.wrong_;
  }
  Status status() const {
    if (wrong_.empty()) return {};
    return damaged(cat(wrong_, " is missing or of another kind"));
  }

 private:
  const Json* find(const char* key, Json::value_t type) {
    const auto found = object_.find(key);
    if (found != object_.end() && found->type() == type) return &*found;
    if (wrong_.empty()) wrong_ = key;
    return nullptr;
  }
  const Json& object_;
  std::string wrong_;
};

Json json_of(const End& end) {
  return {{"status", static_cast<std::uint64_t>(end.status)},
          {"signal", static_cast<std::uint64_t>(end.signal)},
          {"finished", end.finished}};
}

Json json_of(const Kept& kept) {
  Json object = {{"monitor", static_cast<std::uint64_t>(kept.monitor.pid)},
                 {"monitorStartTime", kept.monitor.start_time},
                 {"bootId", kept.boot_id},
                 {"pidNamespace", kept.pid_namespace},
                 {"root", kept.root},
                 {"command", kept.command},
                 {"notEntered", kept.not_entered},
                 {"log", kept.has_log},
                 {"removesItself", kept.removes_itself}};
  if (kept.end) object["end"] = json_of(*kept.end);
  return object;
}

void read_end(const Json& object, Reader& around, Kept& kept) {
  Reader reader(object);
  End end;
  reader.take_number("status", end.status);
  reader.take_number("signal", end.signal);
  reader.take("finished", end.finished);
  kept.end = std::move(end);
  around.take_all_of(reader);
}

void read_kept(const Json& object, Reader& around, Record& record) {
  Reader reader(object);
  Kept kept;
  reader.take_number("monitor", kept.monitor.pid);
  reader.take_number("monitorStartTime", kept.monitor.start_time);
  reader.take("bootId", kept.boot_id);
  reader.take_number("pidNamespace", kept.pid_namespace);
  reader.take("root", kept.root);
  reader.take("command", kept.command);
  reader.take("notEntered", kept.not_entered);
  reader.take("log", kept.has_log);
  reader.take("removesItself", kept.removes_itself);
  if (const Json* const end = reader.object("end")) read_end(*end, reader, kept);
  record.kept = std::move(kept);
  around.take_all_of(reader);
}

}  // namespace

std::string text_of(const Record& record) {
  Json object = {{"version", kVersion},
                 {"id", record.id},
                 {"ociVersion", record.oci_version},
                 {"bundle", record.bundle},
                 {"rootfs", record.rootfs},
                 {"created", record.created},
                 {"owner", record.owner},
                 {"pid", static_cast<std::uint64_t>(record.init.pid)},
                 {"startTime", record.init.start_time},
                 {"userNamespace", record.user_namespace},
                 {"complete", record.is_complete},
                 {"waitsForStart", record.waits_for_start},
                 {"terminal", record.has_terminal},
                 {"cgroup", record.cgroup},
                 {"cgroupManager", record.cgroup_manager},
                 {"unit", record.unit},
                 {"annotations", record.annotations}};
  if (record.kept) object["kept"] = json_of(*record.kept);
  // Bytes that are no UTF-8 (a path may have them) are replaced: the text is for people and for programs that
  // know no others.
  return object.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

Result<Record> read_record(std::string_view text) {
  const Json object = Json::parse(text, nullptr, false);
  if (!object.is_object()) return damaged("it is not a JSON object");
  const auto version = object.find("version");
  if (version == object.end() || *version != kVersion) return damaged("it is of another version of kelp");
  Record record;
  Reader reader(object);
  reader.take("id", record.id);
  reader.take("ociVersion", record.oci_version);
  reader.take("bundle", record.bundle);
  reader.take("rootfs", record.rootfs);
  reader.take("created", record.created);
  reader.take("owner", record.owner);
  reader.take_number("pid", record.init.pid);
  reader.take_number("startTime", record.init.start_time);
  reader.take_number("userNamespace", record.user_namespace);
  reader.take("complete", record.is_complete);
  reader.take("waitsForStart", record.waits_for_start);
  reader.take("terminal", record.has_terminal);
  reader.take("cgroup", record.cgroup);
  reader.take("cgroupManager", record.cgroup_manager);
  reader.take("unit", record.unit);
  reader.take("annotations", record.annotations);
  if (const Json* const kept = reader.object("kept")) read_kept(*kept, reader, record);
  if (Status s = reader.status(); !s) return s.error();
  return record;
}

}  // namespace kelp::state
