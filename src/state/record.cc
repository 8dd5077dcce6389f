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

}  // namespace

std::string text_of(const Record& record) {
  const Json object = {{"version", kVersion},
                       {"id", record.id},
                       {"ociVersion", record.oci_version},
                       {"bundle", record.bundle},
                       {"rootfs", record.rootfs},
                       {"created", record.created},
                       {"owner", record.owner},
                       {"pid", static_cast<std::uint64_t>(record.init.pid)},
                       {"startTime", record.init.start_time},
                       {"complete", record.is_complete},
                       {"waitsForStart", record.waits_for_start},
                       {"terminal", record.has_terminal},
                       {"cgroup", record.cgroup},
                       {"cgroupManager", record.cgroup_manager},
                       {"unit", record.unit},
                       {"annotations", record.annotations}};
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
  reader.take("complete", record.is_complete);
  reader.take("waitsForStart", record.waits_for_start);
  reader.take("terminal", record.has_terminal);
  reader.take("cgroup", record.cgroup);
  reader.take("cgroupManager", record.cgroup_manager);
  reader.take("unit", record.unit);
  reader.take("annotations", record.annotations);
  if (Status s = reader.status(); !s) return s.error();
  return record;
}

}  // namespace kelp::state
