// SPDX-License-Identifier: Apache-2.0
// The functions of libsystemd; see sd_bus.h.
// Runs in: parent.
#include "launch/sd_bus.h"

namespace kelp::launch {

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

}  // namespace kelp::launch
