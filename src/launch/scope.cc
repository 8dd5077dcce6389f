// SPDX-License-Identifier: Apache-2.0
// A transient scope of systemd's; see scope.h. libsystemd is loaded here and nowhere else: linked, it would
// cost every start.
// Runs in: parent.
#include "launch/scope.h"

#include <sys/random.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "base/text.h"
#include "host/cgroup_facts.h"
#include "launch/clock.h"
#include "sys/failure.h"
#include "sys/library.h"

namespace kelp::launch {
namespace {

constexpr std::uint64_t kPatienceUs = 25'000'000;  // as D-Bus itself has for an answer

constexpr const char* kService = "org.freedesktop.systemd1";
constexpr const char* kObject = "/org/freedesktop/systemd1";
constexpr const char* kInterface = "org.freedesktop.systemd1.Manager";

// systemd/sd-bus.h, which need not be installed where kelp is built. Functions with a variable number of
// arguments are left alone.
struct Bus;
struct Message;
struct Slot;
struct BusError {
  const char* name = nullptr;
  const char* message = nullptr;
  int need_free = 0;
};
using Handler = int (*)(Message*, void*, BusError*);

struct SystemdFunctions {
  int (*bus_new)(Bus**) = nullptr;
  int (*set_address)(Bus*, const char*) = nullptr;
  int (*set_bus_client)(Bus*, int) = nullptr;
  int (*start)(Bus*) = nullptr;
  void (*close)(Bus*) = nullptr;
  Bus* (*bus_unref)(Bus*) = nullptr;
  int (*match_signal)(Bus*, Slot**, const char*, const char*, const char*, const char*, Handler, Handler,
                      void*) = nullptr;
  int (*new_call)(Bus*, Message**, const char*, const char*, const char*, const char*) = nullptr;
  int (*append)(Message*, char, const void*) = nullptr;
  int (*open)(Message*, char, const char*) = nullptr;
  int (*close_container)(Message*) = nullptr;
  int (*read)(Message*, char, void*) = nullptr;
  int (*call)(Bus*, Slot**, Message*, Handler, void*, std::uint64_t) = nullptr;
  const BusError* (*error_of)(Message*) = nullptr;
  int (*process)(Bus*, Message**) = nullptr;
  int (*wait)(Bus*, std::uint64_t) = nullptr;
  Message* (*unref)(Message*) = nullptr;
};

bool find_all(const sys::Library& systemd, SystemdFunctions& library) {
  return systemd.find("sd_bus_new", library.bus_new) &&
         systemd.find("sd_bus_set_address", library.set_address) &&
         systemd.find("sd_bus_set_bus_client", library.set_bus_client) &&
         systemd.find("sd_bus_start", library.start) && systemd.find("sd_bus_close", library.close) &&
         systemd.find("sd_bus_unref", library.bus_unref) &&
         systemd.find("sd_bus_match_signal_async", library.match_signal) &&
         systemd.find("sd_bus_message_new_method_call", library.new_call) &&
         systemd.find("sd_bus_message_append_basic", library.append) &&
         systemd.find("sd_bus_message_open_container", library.open) &&
         systemd.find("sd_bus_message_close_container", library.close_container) &&
         systemd.find("sd_bus_message_read_basic", library.read) &&
         systemd.find("sd_bus_call_async", library.call) &&
         systemd.find("sd_bus_message_get_error", library.error_of) &&
         systemd.find("sd_bus_process", library.process) && systemd.find("sd_bus_wait", library.wait) &&
         systemd.find("sd_bus_message_unref", library.unref);
}

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

  // A property (sv); `fill` writes the value.
  template <typename Fill>
  void property(const char* name, const char* type, Fill fill) {
    open('r', "sv");
    text(name);
    open('v', type);
    fill();
    close();
    close();
  }
  void property(const char* name, const std::string& value) {
    property(name, "s", [&] { text(value.c_str()); });
  }
  int result() const { return result_; }

 private:
  void keep(int result) {
    if (result_ >= 0) result_ = result;
  }
  const SystemdFunctions& library_;
  Message* message_;
  int result_ = 0;
};

int write_request(Writer& writer, const std::string& unit, const plan::Scope& scope) {
  writer.text(unit.c_str());
  writer.text("fail");
  writer.open('a', "(sv)");
  writer.property("Description", "kelp run");
  // 0: who asks. Our own number may mean nothing to systemd, which may live in another pid namespace.
  writer.property("PIDs", "au", [&] {
    writer.open('a', "u");
    writer.number('u', std::uint32_t{0});
    writer.close();
  });
  writer.property("Delegate", "b", [&] { writer.number('b', 1); });
  // A scope in which something was killed for want of memory would stay as a failed one.
  writer.property("CollectMode", "inactive-or-failed");
  writer.property("TasksMax", "t", [&] { writer.number('t', UINT64_MAX); });
  if (!scope.slice.empty()) writer.property("Slice", scope.slice);
  writer.close();
  writer.open('a', "(sa(sv))");
  writer.close();
  return writer.result();
}

Error refusal(std::string reason) { return Error("get a scope from systemd", std::move(reason)); }
Error failed(int code) { return sys::failure("get a scope from systemd", -code); }

Status send_request(const SystemdFunctions& library, Bus* bus, const plan::Scope& scope, Heard& heard) {
  // Refused, it ends the connection.
  int code = library.match_signal(bus, nullptr, kService, kObject, kInterface, "JobRemoved", on_job_removed,
                                  nullptr, &heard);
  if (code < 0) return failed(code);
  Message* request = nullptr;
  code = library.new_call(bus, &request, kService, kObject, kInterface, "StartTransientUnit");
  const std::unique_ptr<Message, Message* (*)(Message*)> owned(request, library.unref);
  if (code < 0) return failed(code);
  Writer writer(library, request);
  code = write_request(writer, heard.unit, scope);
  if (code < 0) return failed(code);
  code = library.call(bus, nullptr, request, on_answer, &heard, UINT64_MAX);
  return code < 0 ? failed(code) : Status();
}

Error silent(const Heard& heard, bool is_our_time_over) {
  if (is_our_time_over) return refusal("the time is over (--timeout)").with_status(kExitTimeout);
  if (heard.has_answered) return refusal(cat("the job for ", heard.unit, " does not end"));
  return refusal("systemd does not answer");
}

// Until the job has ended. Nothing of libsystemd's that waits by itself is called: each of its calls that do
// has a patience of its own.
Status wait_for_job(const SystemdFunctions& library, Bus* bus, std::optional<std::uint64_t> deadline_us,
                    const Heard& heard) {
  const std::uint64_t patience_us = now_us() + kPatienceUs;
  const std::uint64_t end_us = std::min(deadline_us.value_or(UINT64_MAX), patience_us);
  while (heard.job_result.empty()) {
    if (!heard.refusal.empty()) return refusal(heard.refusal);
    const std::uint64_t now = now_us();
    if (now >= end_us) return silent(heard, end_us < patience_us);
    int code = library.process(bus, nullptr);
    if (code == 0) code = library.wait(bus, end_us - now);
    if (code < 0 && code != -EINTR) return failed(code);
  }
  if (heard.job_result == "done") return {};
  return refusal(cat("the job for ", heard.unit, " ended with: ", heard.job_result));
}

Result<std::string> unit_name() {
  std::uint64_t number = 0;
  if (::getrandom(&number, sizeof number, 0) != sizeof number) return sys::failure("find a name for a scope");
  return cat("kelp-", number, ".scope");
}

}  // namespace

Status enter_scope(const plan::Scope& scope, std::optional<std::uint64_t> deadline_us) {
  SystemdFunctions library;
  const sys::Library systemd{"libsystemd.so.0"};
  if (!systemd.is_loaded()) {
    return refusal(sys::why_not_loaded("libsystemd.so.0"))
        .with_hint(sys::how_to_load("libsystemd", "libsystemd0"));
  }
  if (!find_all(systemd, library)) return refusal("libsystemd.so.0 lacks a function");
  Result<std::string> unit = unit_name();
  if (!unit) return unit.error();
  Heard heard{.library = &library, .unit = *unit, .refusal = {}, .job_result = {}, .has_answered = false};
  Bus* bus = nullptr;
  int code = library.bus_new(&bus);
  if (code < 0) return failed(code);
  const auto end = [&](Bus* ended) {
    library.close(ended);  // without a flush, which would wait
    library.bus_unref(ended);
  };
  const std::unique_ptr<Bus, decltype(end)> owned(bus, end);
  code = library.set_address(bus, scope.bus_address.c_str());
  if (code >= 0) code = library.set_bus_client(bus, 1);
  if (code >= 0) code = library.start(bus);
  if (code < 0) return std::move(failed(code)).after(cat("at ", scope.bus_address));
  Status made = send_request(library, bus, scope, heard);
  if (made) made = wait_for_job(library, bus, deadline_us, heard);
  if (!made) return std::move(made.error()).after(cat("at ", scope.bus_address));
  const std::string own = host::own_cgroup(host::Machine{});
  if (own.ends_with(cat("/", *unit))) return {};
  return refusal(
      cat("it made ", *unit, ", but kelp is in ", own.empty() ? "no cgroup that is mounted" : own));
}

}  // namespace kelp::launch
