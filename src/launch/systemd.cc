// SPDX-License-Identifier: Apache-2.0
// Calls of systemd by D-Bus; see systemd.h. libsystemd is loaded here and nowhere else: linked, it would cost
// every start.
// Runs in: parent.
#include "launch/systemd.h"

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "base/text.h"
#include "launch/clock.h"
#include "launch/sd_bus.h"
#include "sys/failure.h"
#include "sys/library.h"

namespace kelp::launch {
namespace {

constexpr std::uint64_t kPatienceUs = 25'000'000;  // as D-Bus itself has for an answer

constexpr const char* kService = "org.freedesktop.systemd1";
constexpr const char* kObject = "/org/freedesktop/systemd1";
constexpr const char* kInterface = "org.freedesktop.systemd1.Manager";

// What systemd has said so far.
struct Heard {
  const SystemdFunctions* library = nullptr;
  std::string unit;
  std::string refusal;     // why there will be no job
  std::string job_result;  // empty: not yet
  bool has_answered = false;
};

int on_answer(Message* message, void* userdata, BusError* /*error*/) {
  auto& heard = *static_cast<Heard*>(userdata);
  heard.has_answered = true;
  if (const BusError* const error = heard.library->error_of(message))
    heard.refusal = error->message != nullptr ? error->message : error->name;
  return 0;
}

// JobRemoved(u id, o job, s unit, s result). The unit's name is ours alone.
int on_job_removed(Message* message, void* userdata, BusError* /*error*/) {
  auto& heard = *static_cast<Heard*>(userdata);
  std::uint32_t id = 0;
  const char* job = nullptr;
  const char* unit = nullptr;
  const char* result = nullptr;
  const SystemdFunctions& library = *heard.library;
  if (library.read(message, 'u', &id) < 0 || library.read(message, 'o', static_cast<void*>(&job)) < 0 ||
      library.read(message, 's', static_cast<void*>(&unit)) < 0 ||
      library.read(message, 's', static_cast<void*>(&result)) < 0) {
    return 0;
  }
  if (heard.unit == unit) heard.job_result = result;
  return 0;
}

// Builds one message; the first failure sticks.
class Writer {
 public:
  Writer(const SystemdFunctions& library, Message* message) : library_(library), message_(message) {}

  void open(char kind, const char* contents) { keep(library_.open(message_, kind, contents)); }
  void close() { keep(library_.close_container(message_)); }
  void text(const char* value) { keep(library_.append(message_, 's', value)); }
  template <typename Value>
  void number(char type, Value value) {
    keep(library_.append(message_, type, &value));
  }

  // A property (sv).
  void property(const Property& what) {
    open('r', "sv");
    text(what.name.c_str());
    std::visit([this](const auto& value) { variant(value); }, what.value);
    close();
  }
  int result() const { return result_; }

 private:
  void variant(const std::string& value) {
    open('v', "s");
    text(value.c_str());
    close();
  }
  void variant(std::uint64_t value) {
    open('v', "t");
    number('t', value);
    close();
  }
  void variant(std::int32_t value) {
    open('v', "i");
    number('i', value);
    close();
  }
  void variant(bool value) {
    open('v', "b");
    number('b', int{value});
    close();
  }
  void variant(const std::vector<std::uint32_t>& values) {
    open('v', "au");
    open('a', "u");
    for (const std::uint32_t value : values) number('u', value);
    close();
    close();
  }
  void keep(int result) {
    if (result_ >= 0) result_ = result;
  }
  const SystemdFunctions& library_;
  Message* message_;
  int result_ = 0;
};

void write_properties(Writer& writer, const std::vector<Property>& properties) {
  writer.open('a', "(sv)");
  for (const Property& property : properties) writer.property(property);
  writer.close();
}

Error refusal(std::string reason) { return Error("get a scope from systemd", std::move(reason)); }
Error failed(int code) { return sys::failure("get a scope from systemd", -code); }

Error silent(const Heard& heard, bool is_our_time_over) {
  if (is_our_time_over) return refusal("the time is over (--timeout)").with_status(kExitTimeout);
  if (heard.has_answered) return refusal(cat("the job for ", heard.unit, " does not end"));
  return refusal("systemd does not answer");
}

enum class Until { kAnswered, kJobEnds };

bool is_reached(const Heard& heard, Until until) {
  return until == Until::kAnswered ? heard.has_answered : !heard.job_result.empty();
}

// Until systemd has answered, or the job has ended. Nothing of libsystemd's that waits by itself is called:
// each of its calls that do has a patience of its own.
Status wait_until(const SystemdFunctions& library, Bus* bus, std::optional<std::uint64_t> deadline_us,
                  const Heard& heard, Until until) {
  const std::uint64_t patience_us = now_us() + kPatienceUs;
  const std::uint64_t end_us = std::min(deadline_us.value_or(UINT64_MAX), patience_us);
  for (;;) {
    if (!heard.refusal.empty()) return refusal(heard.refusal);
    if (is_reached(heard, until)) break;
    const std::uint64_t now = now_us();
    if (now >= end_us) return silent(heard, end_us < patience_us);
    int code = library.process(bus, nullptr);
    if (code == 0) code = library.wait(bus, end_us - now);
    if (code < 0 && code != -EINTR) return failed(code);
  }
  if (until == Until::kAnswered || heard.job_result == "done") return {};
  return refusal(cat("the job for ", heard.unit, " ended with: ", heard.job_result));
}

// A connection to the manager behind the address.
class Connection {
 public:
  Connection() = default;
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection() {
    if (bus_ == nullptr) return;
    library_.close(bus_);  // without a flush, which would wait
    library_.bus_unref(bus_);
  }

  Status open(const std::string& address) {
    if (!systemd_.is_loaded()) {
      return refusal(sys::why_not_loaded("libsystemd.so.0"))
          .with_hint(sys::how_to_load("libsystemd", "libsystemd0"));
    }
    if (!find_all(systemd_, library_)) return refusal("libsystemd.so.0 lacks a function");
    int code = library_.bus_new(&bus_);
    if (code >= 0) code = library_.set_address(bus_, address.c_str());
    if (code >= 0) code = library_.set_bus_client(bus_, 1);
    if (code >= 0) code = library_.start(bus_);
    return code < 0 ? failed(code) : Status();
  }

  // Calls a method of the manager's; its answer ends in `heard`.
  template <typename Fill>
  Status call(const char* method, Heard& heard, const Fill& fill) {
    Message* request = nullptr;
    int code = library_.new_call(bus_, &request, kService, kObject, kInterface, method);
    const std::unique_ptr<Message, Message* (*)(Message*)> owned(request, library_.unref);
    if (code < 0) return failed(code);
    Writer writer(library_, request);
    fill(writer);
    code = writer.result();
    if (code >= 0) code = library_.call(bus_, nullptr, request, on_answer, &heard, UINT64_MAX);
    return code < 0 ? failed(code) : Status();
  }

  Status hear_of_jobs(Heard& heard) {
    // Refused, it ends the connection.
    const int code = library_.match_signal(bus_, nullptr, kService, kObject, kInterface, "JobRemoved",
                                           on_job_removed, nullptr, &heard);
    return code < 0 ? failed(code) : Status();
  }

  Status wait(std::optional<std::uint64_t> deadline_us, const Heard& heard, Until until) {
    return wait_until(library_, bus_, deadline_us, heard, until);
  }

  const SystemdFunctions& library() const { return library_; }

 private:
  sys::Library systemd_{"libsystemd.so.0"};
  SystemdFunctions library_;
  Bus* bus_ = nullptr;
};

}  // namespace

Status start_unit(const std::string& address, const std::string& name,
                  const std::vector<Property>& properties, std::optional<std::uint64_t> deadline_us) {
  Connection connection;
  Heard heard{.library = &connection.library(), .unit = name};
  Status made = connection.open(address);
  if (made) made = connection.hear_of_jobs(heard);
  if (made) {
    made = connection.call("StartTransientUnit", heard, [&](Writer& writer) {
      writer.text(name.c_str());
      writer.text("fail");
      write_properties(writer, properties);
      writer.open('a', "(sa(sv))");
      writer.close();
    });
  }
  if (made) made = connection.wait(deadline_us, heard, Until::kJobEnds);
  return made ? made : std::move(made.error()).after(cat("at ", address));
}

Status set_unit_properties(const std::string& address, const std::string& name,
                           const std::vector<Property>& properties) {
  Connection connection;
  Heard heard{.library = &connection.library(), .unit = name};
  Status set = connection.open(address);
  if (set) {
    set = connection.call("SetUnitProperties", heard, [&](Writer& writer) {
      writer.text(name.c_str());
      writer.number('b', 1);  // for this boot
      write_properties(writer, properties);
    });
  }
  if (set) set = connection.wait(std::nullopt, heard, Until::kAnswered);
  return set ? set : std::move(set.error()).after(cat("at ", address));
}

Status stop_unit(const std::string& address, const std::string& name) {
  Connection connection;
  Heard heard{.library = &connection.library(), .unit = name};
  Status stopped = connection.open(address);
  if (stopped) stopped = connection.hear_of_jobs(heard);
  if (stopped) {
    stopped = connection.call("StopUnit", heard, [&](Writer& writer) {
      writer.text(name.c_str());
      writer.text("replace");
    });
  }
  if (stopped) stopped = connection.wait(std::nullopt, heard, Until::kJobEnds);
  return stopped ? stopped : std::move(stopped.error()).after(cat("at ", address));
}

}  // namespace kelp::launch
